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
package struct TileMatrix: Sendable {
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

  /// Packs `weight` in parallel.
  ///
  /// - Parameters:
  ///   - weight: `[outputs, inputs]`.
  ///   - order: For every packed column, left tile's 16 then right tile's 16 of each panel, the row of
  ///     `weight` it holds; -1 is padding.
  package init(
    _ weight: UnsafeBufferPointer<Float>, inputs: Int, bias: [Float]?, order: [Int],
    operand: TileOperand, compute: Compute
  ) {
    let width = Int(GK_PANEL_COLUMNS)
    precondition(order.count.isMultiple(of: width), "\(order.count) packed columns")
    self.operand = operand
    self.inputs = inputs
    panelCount = order.count / width
    kSteps = operand.steps(inputs)
    panels = AlignedBytes(count: panelCount * kSteps * Int(GK_PANEL_STEP_BYTES))
    self.bias = bias.map { bias in Self.aligned(order.map { $0 < 0 ? 0 : bias[$0] }) }
    columnScales = operand == .int8 ? AlignedFloats(count: order.count) : nil
    pack(weight, order: order, compute: compute)
  }

  private func pack(_ weight: UnsafeBufferPointer<Float>, order: [Int], compute: Compute) {
    guard let start = weight.baseAddress else { return }
    nonisolated(unsafe) let source = start
    let width = Int(GK_PANEL_COLUMNS)
    compute.pool.run(panelCount) { panel in
      let rows = order[panel * width..<(panel + 1) * width].map { row in
        row < 0 ? nil : source + row * inputs
      }
      switch operand {
      case .bf16: gk_tile_pack_bf16(rows, inputs, kSteps, address(ofPanel: panel))
      case .int8: quantize(rows, panel: panel)
      }
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
  /// columns. In queries and keys, dimensions stand beside their rotary partners.
  package static func headsOrder(headCount: Int, dimension: Int, width: Int) -> [Int] {
    let half = dimension / 2
    return (0..<3 * headCount).flatMap { head in
      (0..<width).map { column in
        let (panel, inside) = column.quotientAndRemainder(dividingBy: 32)
        if head >= 2 * headCount { return column < dimension ? head * dimension + column : -1 }
        let pair = panel * 16 + inside % 16
        return pair >= half ? -1 : head * dimension + pair + (inside < 16 ? 0 : half)
      }
    }
  }

  /// Columns that a head takes: its dimension, padded so that halves are whole tiles.
  package static func headWidth(dimension: Int) -> Int { (dimension + 31) / 32 * 32 }

  private func address(ofPanel panel: Int) -> UnsafeMutableRawPointer {
    panels.base + panel * kSteps * Int(GK_PANEL_STEP_BYTES)
  }

  /// Per-channel symmetric int8: scale = max |w| / 127.
  private func quantize(_ rows: [UnsafePointer<Float>?], panel: Int) {
    guard let columnScales else { return }
    var values = [Int8](repeating: 0, count: rows.count * inputs)
    values.withUnsafeMutableBufferPointer { values in
      guard let base = values.baseAddress else { return }
      var quantized: [UnsafePointer<Int8>?] = []
      for (column, row) in rows.enumerated() {
        guard let row else {
          quantized.append(nil)
          continue
        }
        let out = base + column * inputs
        columnScales.base[panel * rows.count + column] = Self.quantize(row, inputs, into: out)
        quantized.append(UnsafePointer(out))
      }
      gk_tile_pack_s8(quantized, inputs, kSteps, address(ofPanel: panel))
    }
  }

  private static func quantize(
    _ row: UnsafePointer<Float>, _ count: Int, into out: UnsafeMutablePointer<Int8>
  ) -> Float {
    var largest: Float = 0
    for i in 0..<count { largest = max(largest, abs(row[i])) }
    let scale = largest / 127
    guard scale > 0, scale.isFinite else { return scale }
    for i in 0..<count {
      out[i] = Int8(max(-127, min(127, (row[i] / scale).rounded(.toNearestOrEven))))
    }
    return scale
  }

  private static func aligned(_ values: [Float]) -> AlignedFloats {
    let floats = AlignedFloats(count: values.count)
    for (index, value) in values.enumerated() { floats.base[index] = value }
    return floats
  }

  /// The product of `tiles` row tiles of `operand` rows with panels of this matrix.
  func product(_ rows: TileRows, tiles: Int, panels range: Range<Int>) -> gk_tile_product {
    gk_tile_product(
      a: rows.base, a_stride: rows.stride, row_tiles: tiles,
      panels: address(ofPanel: range.lowerBound), panel_count: range.count, k_steps: kSteps,
      bias: bias.map { UnsafePointer($0.base + range.lowerBound * Int(GK_PANEL_COLUMNS)) },
      column_scales: columnScales.map {
        UnsafePointer($0.base + range.lowerBound * Int(GK_PANEL_COLUMNS))
      },
      row_scales: rows.scales.map { UnsafePointer($0) })
  }
}
