internal import CKernels

/// What the CPU offers and the operating system lets us use, under the names `gliss doctor` prints.
package struct CPUFeatures: OptionSet, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  /// The machine this process runs on.
  package static let current = CPUFeatures(rawValue: gk_cpu_features())

  private static let names: [(bit: UInt32, name: String)] = [
    (UInt32(GK_CPU_AVX2_FMA), "avx2+fma"), (UInt32(GK_CPU_AVX512), "avx512"),
    (UInt32(GK_CPU_AVX512_VNNI), "avx512-vnni"), (UInt32(GK_CPU_AVX512_BF16), "avx512-bf16"),
    (UInt32(GK_CPU_AMX_BF16), "amx-bf16"), (UInt32(GK_CPU_AMX_INT8), "amx-int8"),
    (UInt32(GK_CPU_NEON), "neon"), (UInt32(GK_CPU_DOTPROD), "dotprod"),
    (UInt32(GK_CPU_AVX512_VBMI), "avx512-vbmi"),
  ]

  /// Names of the features present.
  package var names: [String] {
    Self.names.filter { rawValue & $0.bit != 0 }.map(\.name)
  }
}
