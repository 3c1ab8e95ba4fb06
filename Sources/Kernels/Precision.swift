internal import CKernels

/// The arithmetic of a model's layers.
package enum Precision: String, Sendable, CaseIterable {
  /// 32-bit floats throughout.
  case f32
  /// Products of bf16 operands summed in f32; the residual stream stays f32.
  case bf16
  /// Linear layers multiply int8 (weights scaled by channel, activations by token) and sum in int32.
  case int8
}

extension KernelSet {
  /// The precisions this set computes in.
  package var precisions: [Precision] {
    usesOpenBLAS ? [.f32] : hasTiles ? [.f32, .bf16, .int8] : [.f32, .int8]
  }

  /// Whether bf16 and int8 run on a tile unit.
  package var hasTiles: Bool { table.tiles != nil && !usesOpenBLAS }

  /// The fastest precision whose macro-F1 stays within 0.2 points of f32 (tools/goldens/check_precision).
  package var fastestPrecision: Precision { precisions.contains(.bf16) ? .bf16 : .f32 }
}
