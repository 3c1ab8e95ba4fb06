// swift-tools-version: 6.2
// Targets are listed bottom-up; one loop at the end sets the strict settings on all of them.
import PackageDescription

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "gliss",
  products: [
    .library(name: "Gliss", targets: ["Gliss"]),
    .library(name: "Learning", targets: ["Learning"]),
    .executable(name: "gliss", targets: ["GlissCommand"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // System libraries and C.
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-serial-dev"])]),
    .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CKernels"),

    // The engine.
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
      name: "SentenceModels",
      dependencies: ["Encoders", "Kernels", "Safetensors", "StrictJSON", "Tokenization"]),

    // The bundled model, where a name finds its folder, the library and the tool.
    .target(
      name: "BundledModel", path: "weights",
      sources: ["BundledModel.swift"],
      resources: [
        "config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors",
        "MODEL_CARD.md", "SHA256SUMS",
      ].map { .copy("gliss-mini/\($0)") }),
    .target(name: "ModelStore", dependencies: ["BundledModel", "Safetensors", "StrictJSON"]),
    .target(
      name: "Gliss",
      dependencies: [
        "Encoders", "GLiClass", "Kernels", "ModelStore", "SentenceModels", "StrictJSON",
      ]),
    .target(name: "Learning", dependencies: ["Gliss"]),
    .target(
      name: "Benchmarking",
      dependencies: ["Encoders", "GLiClass", "Gliss", "Kernels", "ModelStore"]),
    .executableTarget(
      name: "GlissCommand",
      dependencies: [
        "Benchmarking", "CSV", "CZlib", "Gliss", "Learning", "ModelStore", "StrictJSON",
        "Tokenization", argumentParser,
      ]),

    // Benchmarks: measured by hand or by tools/peers, never by the tests.
    .target(
      name: "BenchmarkSupport",
      dependencies: [
        "Benchmarking", "Encoders", "GLiClass", "Kernels", "SentenceModels", "StrictJSON",
      ],
      path: "Benchmarks/Support"),
    .executableTarget(
      name: "KernelBenchmark", dependencies: ["Benchmarking", "Kernels", "CKernels"],
      path: "Benchmarks/Kernels"),
    .executableTarget(
      name: "EncoderBenchmark",
      dependencies: [
        "BenchmarkSupport", "Benchmarking", "Encoders", "GLiClass", "Kernels", "StrictJSON",
      ],
      path: "Benchmarks/Encoder"),
    .executableTarget(
      name: "GemmBenchmark",
      dependencies: ["BenchmarkSupport", "Benchmarking", "Kernels", "StrictJSON"],
      path: "Benchmarks/Gemm"),
    .executableTarget(
      name: "PeerBenchmark",
      dependencies: ["BenchmarkSupport", "Benchmarking", "Kernels", "StrictJSON"],
      path: "Benchmarks/Peers"),
    .executableTarget(
      name: "SentenceBenchmark", dependencies: ["Gliss", "StrictJSON"],
      path: "Benchmarks/Sentences"),
    .executableTarget(
      name: "JointVersusPairwise",
      dependencies: ["BenchmarkSupport", "Benchmarking", "Kernels", "StrictJSON"],
      path: "Benchmarks/JointVersusPairwise"),
    .executableTarget(
      name: "TokenizerBenchmark", dependencies: ["StrictJSON", "Tokenization"],
      path: "Benchmarks/Tokenizer"),

    // Tests: one folder per target.
    .target(
      name: "TestSupport", dependencies: ["CSV", "StrictJSON"], path: "Tests/TestSupport"),
    .testTarget(name: "StrictJSONTests", dependencies: ["StrictJSON", "TestSupport"]),
    .testTarget(name: "CSVTests", dependencies: ["CSV", "TestSupport"]),
    .testTarget(name: "KernelsTests", dependencies: ["Kernels", "CKernels", "TestSupport"]),
    .testTarget(
      name: "SafetensorsTests", dependencies: ["Safetensors", "StrictJSON", "TestSupport"]),
    .testTarget(
      name: "TokenizationTests", dependencies: ["Tokenization", "StrictJSON", "TestSupport"]),
    .testTarget(
      name: "EncodersTests",
      dependencies: ["Encoders", "Kernels", "Safetensors", "StrictJSON", "TestSupport"]),
    .testTarget(
      name: "GLiClassTests",
      dependencies: [
        "GLiClass", "Encoders", "Kernels", "Safetensors", "StrictJSON", "Tokenization",
        "TestSupport",
      ]),
    .testTarget(
      name: "SentenceModelsTests",
      dependencies: [
        "SentenceModels", "Encoders", "Kernels", "Safetensors", "StrictJSON", "Tokenization",
        "TestSupport",
      ]),
    .testTarget(
      name: "ModelStoreTests", dependencies: ["ModelStore", "BundledModel", "TestSupport"]),
    .testTarget(
      name: "GlissTests",
      dependencies: ["Encoders", "GLiClass", "Gliss", "Safetensors", "TestSupport"]),
    .testTarget(
      name: "LearningTests", dependencies: ["Gliss", "Learning", "StrictJSON", "TestSupport"]),
    .testTarget(
      name: "BenchmarkingTests", dependencies: ["Benchmarking", "Gliss", "Kernels", "TestSupport"]),
    .testTarget(
      name: "GlissCommandTests",
      dependencies: ["CZlib", "Gliss", "GlissCommand", "StrictJSON", "TestSupport"]),
  ],
  swiftLanguageModes: [.v6]
)

// Fuzzers link libFuzzer, which no other build has: `tools/fuzz/run` asks for them.
if Context.environment["GLISS_FUZZ"] != nil {
  package.targets += [
    .systemLibrary(name: "CFuzzer", path: "Fuzz/CFuzzer"),
    .target(name: "FuzzSupport", dependencies: ["CFuzzer"], path: "Fuzz/Support"),
    .executableTarget(
      name: "FuzzTokenizer", dependencies: ["FuzzSupport", "Tokenization"], path: "Fuzz/Tokenizer"),
    .executableTarget(
      name: "FuzzJson", dependencies: ["FuzzSupport", "StrictJSON"], path: "Fuzz/Json"),
    .executableTarget(
      name: "FuzzSafetensors", dependencies: ["FuzzSupport", "Safetensors"],
      path: "Fuzz/Safetensors"),
    .executableTarget(
      name: "FuzzCsv", dependencies: ["FuzzSupport", "CSV", "TestSupport"], path: "Fuzz/Csv"),
  ]
}

for target in package.targets where target.type != .system {
  if target.name == "CKernels" {
    target.cSettings = [.treatAllWarnings(as: .error)]
    continue
  }
  target.swiftSettings = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
  ]
}
