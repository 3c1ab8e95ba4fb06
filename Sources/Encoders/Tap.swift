package import Kernels

/// Receives named intermediates (`embeddings`, `layers.3.attn.out`, `layers.3.out`, `final_norm`)
/// for goldens and debugging; nil in production. Rows are valid only during the call.
package typealias Tap = (_ name: String, _ rows: FloatRows) -> Void

extension Compute {
  /// Shows a tap the output of a layer's attention, which the fused residual add otherwise never
  /// shows: `context` times the attention's last projection.
  func tapAttention(_ tap: Tap, _ layer: Int, _ context: FloatRows, _ projection: PackedMatrix) {
    let out = FloatRows(
      AlignedFloats(count: context.count * context.columns), count: context.count,
      columns: context.columns)
    multiply(context, by: projection, into: out)
    tap("layers.\(layer).attn.out", out)
  }
}
