// The tile kernels as the encoders call them. Every call runs on the calling thread, on the rows it is given:
// the encoder's pass cuts the work.

internal import CKernels

/// Rows that a tile product reads or an epilogue writes: `stride` bytes apart, valid as long as the memory
/// they were made from.
package struct TileRows: @unchecked Sendable {
  package let base: UnsafeMutableRawPointer
  /// Bytes.
  package let stride: Int
  /// int8 operands: one scale a row.
  package let scales: UnsafeMutablePointer<Float>?

  package init(_ base: UnsafeMutableRawPointer, stride: Int, scales: UnsafeMutablePointer<Float>?) {
    self.base = base
    self.stride = stride
    self.scales = scales
  }

  package func from(row: Int) -> TileRows {
    TileRows(base + row * stride, stride: stride, scales: scales.map { $0 + row })
  }
}

/// The tile kernels of a kernel set.
package struct TileKernels: @unchecked Sendable {
  private let table: gk_tile_kernels

  /// The widest head the attention kernel takes.
  package static let widestHead = Int(GK_WIDEST_HEAD)

  /// nil: the set has none.
  package init?(_ kernels: KernelSet) {
    guard let table = kernels.table.tiles else { return nil }
    self.table = table.pointee
  }

  private func products(_ operand: TileOperand) -> gk_tile_products {
    operand == .bf16 ? table.bf16 : table.int8
  }

  /// x += rows * panels, in their columns.
  package func add(
    _ rows: TileRows, tiles: Int, times panels: TilePanels, to x: UnsafeMutablePointer<Float>,
    stride: Int
  ) {
    var product = panels.product(rows, tiles: tiles)
    let columns = panels.range.lowerBound * Int(GK_PANEL_COLUMNS)
    products(panels.matrix.operand).add(&product, x + columns, stride)
  }

  /// out = gelu(rows * panels) as bf16, in their columns.
  package func gelu(_ rows: TileRows, tiles: Int, times panels: TilePanels, into out: TileRows) {
    var product = panels.product(rows, tiles: tiles)
    let start = out.base.assumingMemoryBound(to: gk_bf16.self) + panels.range.lowerBound * 32
    products(panels.matrix.operand).gelu(&product, start, out.stride / 2)
  }

  /// out = gelu(inputs) * gates of rows * panels, as bf16, in their columns.
  package func geglu(_ rows: TileRows, tiles: Int, times panels: TilePanels, into out: TileRows) {
    var product = panels.product(rows, tiles: tiles)
    let start = out.base.assumingMemoryBound(to: gk_bf16.self) + panels.range.lowerBound * 16
    products(panels.matrix.operand).geglu(&product, start, out.stride / 2)
  }

  /// Queries, keys and values of rows * panels, rotated where `heads` has angles, laid out for `attend`.
  package func project(
    _ rows: TileRows, tiles: Range<Int>, times panels: TilePanels, into heads: TileHeads
  ) {
    var product = panels.product(rows, tiles: tiles.count)
    withUnsafePointer(to: heads.table) {
      products(panels.matrix.operand).heads(
        &product, panels.range.lowerBound, tiles.lowerBound, $0)
    }
  }

  /// Attention of `head` for one block of queries, into its columns of `context`, as bf16.
  package func attend(
    _ block: TileBatch.QueryBlock, head: Int, heads: TileHeads, window: Int?,
    into context: TileRows
  ) {
    let layout = heads.table
    let width = layout.width
    var attention = gk_tile_attention(
      q: layout.q + head * layout.q_head_stride + block.firstTile * 16 * width,
      k: layout.k + head * layout.k_head_stride + block.firstKeyBlock * 32 * width,
      v: layout.v + head * layout.v_head_stride + block.firstKeyBlock * 512,
      v_column_stride: layout.v_column_stride, width: width, query_tiles: block.tileCount,
      first_query: block.firstQuery, length: block.length, window: window ?? block.length,
      out: context.base.assumingMemoryBound(to: gk_bf16.self) + head * width,
      out_stride: context.stride / 2)
    table.attention(&attention)
  }

  /// What a normalisation multiplies and adds; nil weight: rows pass as they are.
  package struct Norm {
    let weight: UnsafePointer<Float>?
    let bias: UnsafePointer<Float>?
    let epsilon: Float

    package init(weight: AlignedFloats?, bias: AlignedFloats?, epsilon: Float) {
      self.weight = weight.map { UnsafePointer($0.base) }
      self.bias = bias.map { UnsafePointer($0.base) }
      self.epsilon = epsilon
    }
  }

  /// out = LN(x) as an operand, `count` rows of `columns`.
  ///
  /// - Parameter inPlace: x = LN(x) too.
  package func normalize(
    _ x: UnsafeMutablePointer<Float>, stride: Int, count: Int, columns: Int, _ norm: Norm,
    inPlace: Bool = false, operand: TileOperand, into out: TileRows
  ) {
    var rows = gk_tile_rows(
      x: x, x_stride: stride, rows: count, count: columns, weight: norm.weight, bias: norm.bias,
      eps: norm.epsilon, normed: inPlace ? x : nil, out: out.base, out_stride: out.stride,
      scales: out.scales)
    products(operand).norm(&rows)
  }

  /// out = int8 of bf16 rows, a scale a row; `columns` is a multiple of 16.
  package func quantize(_ rows: TileRows, count: Int, columns: Int, into out: TileRows) {
    guard let scales = out.scales else { return }
    table.quantize(
      rows.base.assumingMemoryBound(to: gk_bf16.self), rows.stride / 2, count, columns,
      out.base.assumingMemoryBound(to: Int8.self), out.stride, scales)
  }
}
