// Int8 products: the rows of A are quantised once, the panels multiply bytes into int32, and each
// tile goes back to floats, with bias, residual or gate, while it is in the nearest cache.

internal import CKernels

extension Compute {
  func multiplyIntegers(
    _ a: FloatRows, _ weight: PackedMatrix, _ panels: IntegerPanels, _ c: FloatRows,
    _ epilogue: Epilogue, _ rows: QuantizedRows
  ) {
    rows.quantize(a, kernels: panels.kernels, compute: self)
    let product = IntegerProduct(
      rows: rows, weight: weight, panels: panels, c: c, adds: epilogue == .add)
    let plan = MultiplyPlan(
      rows: a.count, rowByteCount: rows.stride, tileRows: panels.tileRows,
      panels: panels.panelCount, threads: pool.threadCount)
    pool.run(plan.taskCount) { task in
      let (rows, panels) = plan.task(task)
      product.run(rows: rows, panels: panels, geglu: kernels.table.geglu_f32)
    }
  }
}

/// One product, ready to be computed block by block.
private struct IntegerProduct: Sendable {
  let rows: QuantizedRows
  let weight: PackedMatrix
  let panels: IntegerPanels
  let c: FloatRows
  let adds: Bool

  func run(rows range: Range<Int>, panels group: Range<Int>, geglu: gk_geglu_f32_fn) {
    let count = panels.tileRows * panels.tileColumns
    let tallest = MultiplyPlan.tileHeight(range.count, atMost: panels.tileRows)
    withUnsafeTemporaryAllocation(
      byteCount: count * MemoryLayout<Int32>.stride, alignment: 64
    ) { memory in
      let tile = memory.bindMemory(to: Int32.self)
      for panel in group {
        for row in stride(from: range.lowerBound, to: range.upperBound, by: tallest) {
          let height = min(tallest, range.upperBound - row)
          panels.kernels.gemm(
            height, weight.inputs, rows.bytes(row), rows.stride, rows.sums(from: row),
            panels.panel(panel), tile.baseAddress)
          for r in 0..<height {
            guard let sums = tile.baseAddress.map({ $0 + r * panels.tileColumns }) else { return }
            switch weight.arrangement {
            case .plain: finish(sums, row + r, panel)
            case .gated: finishGated(sums, row + r, panel, geglu)
            }
          }
        }
      }
    }
  }

  private func finish(_ sums: UnsafePointer<Int32>, _ row: Int, _ panel: Int) {
    let column = panel * panels.tileColumns
    let width = min(panels.tileColumns, c.columns - column)
    dequantize(sums, width, row, column, adds: adds, into: c[row] + column)
  }

  private func finishGated(
    _ sums: UnsafePointer<Int32>, _ row: Int, _ panel: Int, _ geglu: gk_geglu_f32_fn
  ) {
    let half = panels.tileColumns / 2
    let width = min(half, c.columns - panel * half)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: panels.tileColumns) { values in
      guard let inputs = values.baseAddress else { return }
      dequantize(
        sums, panels.tileColumns, row, panel * panels.tileColumns, adds: false, into: inputs)
      geglu(inputs, inputs + half, width, c[row] + panel * half)
    }
  }

  private func dequantize(
    _ sums: UnsafePointer<Int32>, _ count: Int, _ row: Int, _ column: Int, adds: Bool,
    into out: UnsafeMutablePointer<Float>
  ) {
    panels.kernels.dequantize_row(
      sums, count, rows.scale(row), panels.scales.base + column,
      weight.bias.map { $0.base + column }, adds ? 1 : 0, out)
  }
}
