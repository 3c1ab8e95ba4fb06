// Weights packed for the tile unit: panels of 32 columns, each a left and a right tile.

internal import CKernels

/// The element type a tile product multiplies.
package enum TileOperand: Sendable {
  case bf16, int8

  /// Elements of one 64-byte step of k.
  package var elementsPerStep: Int { self == .bf16 ? 32 : 64 }
  package var byteCount: Int { self == .bf16 ? 2 : 1 }

  /// Bytes from one row of `columns` elements to the next: whole steps, an odd number of cache lines so
  /// that the rows of a tile spread over the cache's sets.
  package func rowStride(columns: Int) -> Int { (steps(columns) | 1) * Int(GK_STEP_BYTES) }

  func steps(_ columns: Int) -> Int { (columns + elementsPerStep - 1) / elementsPerStep }
}

/// The weight of a linear layer, `[outputs, inputs]` row-major in the checkpoint, as panels.
///
/// A class: a pass hands it to many products, each of which would count its parts.
package final class TileMatrix: Sendable {
  package let operand: TileOperand
  package let inputs: Int
  package let panelCount: Int
  let kSteps: Int
  private let panels: AlignedBytes
  private let bias: AlignedFloats?  // [panelCount, 32]
  private let columnScales: AlignedFloats?  // [panelCount, 32], int8

  package var byteCount: Int {
    panels.count + 4 * ((bias?.count ?? 0) + (columnScales?.count ?? 0))
  }

  /// Packs `weight` in parallel, for products in bf16.
  ///
  /// - Parameters:
  ///   - weight: `[outputs, inputs]`.
  ///   - order: For every packed column, left tile's 16 then right tile's 16 of each panel, the row of
  ///     `weight` it holds; -1 is padding.
  ///   - arena: where the panels go.
  package convenience init(
    _ weight: UnsafeBufferPointer<Float>, inputs: Int, bias: [Float]?, order: [Int],
    arena: WeightArena, compute: Compute
  ) {
    self.init(.bf16, inputs: inputs, bias: bias, order: order, scales: nil, arena)
    pack(weight, order: order, compute: compute, by: gk_tile_pack_bf16)
  }

  /// Packs an int8 weight in parallel, for products in int8.
  package convenience init(
    _ weight: IntegerWeight, inputs: Int, bias: [Float]?, order: [Int], arena: WeightArena,
    compute: Compute
  ) {
    self.init(.int8, inputs: inputs, bias: bias, order: order, scales: weight.scales, arena)
    pack(weight.bytes, order: order, compute: compute, by: gk_tile_pack_s8)
  }

  private init(
    _ operand: TileOperand, inputs: Int, bias: [Float]?, order: [Int], scales: [Float]?,
    _ arena: WeightArena
  ) {
    precondition(
      order.count.isMultiple(of: Int(GK_PANEL_COLUMNS)), "\(order.count) packed columns")
    self.operand = operand
    self.inputs = inputs
    panelCount = order.count / Int(GK_PANEL_COLUMNS)
    kSteps = operand.steps(inputs)
    panels = arena.bytes(panelCount * kSteps * Int(GK_PANEL_STEP_BYTES))
    let arranged = { (values: [Float]) in
      AlignedFloats(copying: order.map { $0 < 0 ? 0 : values[$0] })
    }
    self.bias = bias.map(arranged)
    columnScales = scales.map(arranged)
  }

  private func pack<Value>(
    _ weight: UnsafeBufferPointer<Value>, order: [Int], compute: Compute,
    by packPanel:
      @Sendable (UnsafePointer<UnsafePointer<Value>?>?, Int, Int, UnsafeMutableRawPointer?) -> Void
  ) {
    guard let start = weight.baseAddress else { return }
    nonisolated(unsafe) let source = start
    let width = Int(GK_PANEL_COLUMNS)
    compute.pool.run(panelCount) { panel in
      let rows = order[panel * width..<(panel + 1) * width].map { row in
        row < 0 ? nil : source + row * inputs
      }
      packPanel(rows, inputs, kSteps, address(ofPanel: panel))
    }
  }

  /// Columns in their own order.
  package static func plainOrder(outputs: Int) -> [Int] {
    let width = Int(GK_PANEL_COLUMNS)
    return (0..<(outputs + width - 1) / width * width).map { $0 < outputs ? $0 : -1 }
  }

  /// A GeGLU projection: inputs left, their gates right. The number of panels is even, so that the
  /// product's rows are whole steps of k.
  package static func gatedOrder(outputs: Int) -> [Int] {
    let half = outputs / 2
    return (0..<(half + 31) / 32 * 2).flatMap { panel in
      (0..<32).map { column in
        let unit = panel * 16 + column % 16
        return unit >= half ? -1 : column < 16 ? unit : half + unit
      }
    }
  }

  /// A projection to queries, keys and values: heads of each in order, a head padded to `width`
  /// columns. In queries and keys that will be rotated, dimensions stand beside their rotary partners.
  package static func headsOrder(
    headCount: Int, dimension: Int, width: Int, rotated: Bool = true
  ) -> [Int] {
    let half = dimension / 2
    return (0..<3 * headCount).flatMap { head in
      (0..<width).map { column in
        let (panel, inside) = column.quotientAndRemainder(dividingBy: 32)
        if !rotated || head >= 2 * headCount {
          return column < dimension ? head * dimension + column : -1
        }
        let pair = panel * 16 + inside % 16
        return pair >= half ? -1 : head * dimension + pair + (inside < 16 ? 0 : half)
      }
    }
  }

  /// Columns that a head takes: its dimension, padded so that halves are whole tiles.
  package static func headWidth(dimension: Int) -> Int { (dimension + 31) / 32 * 32 }

  fileprivate func address(ofPanel panel: Int) -> UnsafeMutableRawPointer {
    panels.base + panel * kSteps * Int(GK_PANEL_STEP_BYTES)
  }

  /// The panels of `range`.
  package func panels(_ range: Range<Int>) -> TilePanels { TilePanels(self, range) }

  package var allPanels: TilePanels { TilePanels(self, 0..<panelCount) }

  fileprivate func product(
    _ rows: TileRows, tiles: Int, panels range: Range<Int>
  ) -> gk_tile_product {
    let first = range.lowerBound * Int(GK_PANEL_COLUMNS)
    return gk_tile_product(
      a: rows.base, a_stride: rows.stride, row_tiles: tiles,
      panels: address(ofPanel: range.lowerBound), panel_count: range.count, k_steps: kSteps,
      bias: bias.map { UnsafePointer($0.base + first) },
      column_scales: columnScales.map { UnsafePointer($0.base + first) },
      row_scales: rows.scales.map { UnsafePointer($0) }, next: nil)
  }
}

/// Neighbouring panels of a matrix: what a tile product multiplies by.
package struct TilePanels: Sendable {
  let matrix: TileMatrix
  let range: Range<Int>
  private nonisolated(unsafe) var next: UnsafeRawPointer?

  fileprivate init(_ matrix: TileMatrix, _ range: Range<Int>) {
    self.matrix = matrix
    self.range = range
  }

  /// The same panels, in a product after which the caller multiplies by `next`: its first panel is
  /// fetched from memory meanwhile.
  package func before(_ next: TilePanels?) -> TilePanels {
    var panels = self
    panels.next = next.map { UnsafeRawPointer($0.matrix.address(ofPanel: $0.range.lowerBound)) }
    return panels
  }

  /// The product of `tiles` row tiles of `operand` rows with these panels.
  func product(_ rows: TileRows, tiles: Int) -> gk_tile_product {
    var product = matrix.product(rows, tiles: tiles, panels: range)
    product.next = next
    return product
  }
}
