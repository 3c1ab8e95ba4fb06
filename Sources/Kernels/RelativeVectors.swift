// The projected relative-position embeddings of one layer, head by head, as B panels of the kernels.

internal import CKernels

/// One vector a bucket and head, `[buckets, heads * headDimension]`, packed so that rows times all
/// vectors of a head are one product: panels of `tileColumns` buckets, each `[headDimension][width]`.
package struct RelativeVectors: Sendable {
  let count: Int
  private let floats: AlignedFloats
  private let headDimension: Int
  private let tileColumns: Int

  package var byteCount: Int { floats.count * MemoryLayout<Float>.stride }

  /// Packs `rows` times `scale`. `rows` are scaled in place.
  package init(_ rows: FloatRows, headCount: Int, scale: Float, compute: Compute) {
    let kernels = compute.kernels
    let (dimension, width) = (rows.columns / headCount, kernels.tileColumns)
    precondition(dimension * headCount == rows.columns, "\(headCount) heads of \(rows.columns)")
    let panelCount = (rows.count + width - 1) / width
    let floats = AlignedFloats(count: headCount * panelCount * width * dimension)
    for row in 0..<rows.count { kernels.table.scale_f32(rows[row], scale, rows.columns) }
    compute.pool.run(headCount) { head in
      for panel in 0..<panelCount {
        let sources = (0..<width).map { column -> UnsafePointer<Float>? in
          let row = panel * width + column
          return row < rows.count ? UnsafePointer(rows[row] + head * dimension) : nil
        }
        gk_pack_panel_f32(
          sources, width, dimension,
          floats.base + (head * panelCount + panel) * width * dimension)
      }
    }
    self.floats = floats
    count = rows.count
    headDimension = dimension
    tileColumns = width
  }

  /// The panel of `tileColumns` buckets that begins at `bucket`, a multiple of it.
  func panel(_ head: Int, at bucket: Int) -> UnsafePointer<Float> {
    let headCount = (count + tileColumns - 1) / tileColumns * tileColumns * headDimension
    return UnsafePointer(floats.base + head * headCount + bucket * headDimension)
  }
}
