// swift-tools-version: 6.2
// The engine and the golden tests alone: what break_traps builds, once per trap.
import PackageDescription

let package = Package(
  name: "traps",
  targets: [
    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas"),
    .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8"),
    .target(name: "CKernels"),
    .target(name: "StrictJSON"),
    .target(name: "CSV"),
    .target(name: "Kernels", dependencies: ["CKernels", "COpenBLAS"]),
    .target(name: "Safetensors", dependencies: ["StrictJSON"]),
    .target(name: "Tokenization", dependencies: ["StrictJSON", "CPCRE2"]),
    .target(name: "Encoders", dependencies: ["Kernels", "Safetensors", "StrictJSON"]),
    .target(
      name: "GLiClass",
      dependencies: ["Encoders", "Kernels", "Safetensors", "StrictJSON", "Tokenization"]),
    .target(
      name: "TestSupport", dependencies: ["CSV", "StrictJSON"], path: "Tests/TestSupport"),
    .testTarget(
      name: "EncodersTests",
      dependencies: ["Encoders", "Kernels", "Safetensors", "StrictJSON", "TestSupport"],
      sources: ["GoldenTapTests.swift"]),
    .testTarget(
      name: "GLiClassTests",
      dependencies: [
        "GLiClass", "Encoders", "Kernels", "Safetensors", "StrictJSON", "Tokenization",
        "TestSupport",
      ],
      sources: ["GoldenTests.swift"]),
  ],
  swiftLanguageModes: [.v6]
)

for target in package.targets where target.type != .system && target.name != "CKernels" {
  target.swiftSettings = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ]
}
