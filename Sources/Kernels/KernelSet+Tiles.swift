internal import CKernels

extension KernelSet {
  /// out[:, column ..< column + width] (+)= a[:, ..<k] * panel, tile by tile of rows.
  /// - Precondition: `width` is at most `tileColumns`.
  func multiplyTile(
    _ a: FloatRows, _ panel: UnsafePointer<Float>, k: Int, width: Int, into out: FloatRows,
    column: Int, accumulate: Bool
  ) {
    for row in stride(from: 0, to: a.count, by: tileRows) {
      table.gemm_f32(
        min(tileRows, a.count - row), width, k, a[row], a.stride, panel, out[row] + column,
        out.stride, accumulate ? 1 : 0)
    }
  }
}
