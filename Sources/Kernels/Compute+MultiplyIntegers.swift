// Int8 products: the rows of A are quantised once, the panels multiply bytes into int32, and each
// tile goes back to floats, with bias, residual or gate, while it is in the nearest cache.

internal import CKernels

extension Compute {
  func multiplyIntegers(
    _ a: FloatRows, _ weight: PackedMatrix, _ panels: IntegerPanels, _ wanted: Range<Int>,
    _ c: FloatRows, _ epilogue: Epilogue, _ rows: QuantizedRows
  ) {
    rows.quantize(a, kernels: panels.kernels, pool: pool)
    let plan = MultiplyPlan(
      rows: a.count, tileRows: panels.tileRows, panels: wanted,
      panelByteCount: panels.panelByteCount, threads: pool.threadCount)
    pool.run(
      plan.taskCount,
      IntegerJob(
        rows: rows, weight: weight, panels: panels, c: c, adds: epilogue == .add, plan: plan))
  }
}

/// A block of quantised rows times a group of panels.
private struct IntegerJob: PoolJob {
  let rows: QuantizedRows
  let weight: PackedMatrix
  let panels: IntegerPanels
  let c: FloatRows
  let adds: Bool
  let plan: MultiplyPlan

  func run(_ task: Int, on worker: PoolWorker) {
    let (range, group) = plan.task(task)
    let tileColumns = panels.tileColumns
    let tileCount = panels.tileRows * tileColumns
    let tile = worker.scratch.bindMemory(to: Int32.self, capacity: tileCount)
    // One row of a gated tile as floats, behind the tile.
    let values = (worker.scratch + tileCount * MemoryLayout<Int32>.stride)
      .bindMemory(to: Float.self, capacity: tileColumns)
    let tallest = MultiplyPlan.tileHeight(range.count, atMost: panels.tileRows)
    for row in stride(from: range.lowerBound, to: range.upperBound, by: tallest) {
      let height = min(tallest, range.upperBound - row)
      for panel in group {
        panels.kernels.gemm(
          height, weight.inputs, rows.bytes(row), rows.stride, rows.sums(from: row),
          panels.panel(panel), tile)
        for r in 0..<height {
          let sums = tile + r * tileColumns
          switch weight.arrangement {
          case .plain: finish(sums, row + r, panel)
          case .gated: finishGated(sums, row + r, panel, values)
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
    _ sums: UnsafePointer<Int32>, _ row: Int, _ panel: Int, _ inputs: UnsafeMutablePointer<Float>
  ) {
    let half = panels.tileColumns / 2
    let width = min(half, c.columns - panel * half)
    dequantize(
      sums, panels.tileColumns, row, panel * panels.tileColumns, adds: false, into: inputs)
    weight.kernels.table.geglu_f32(inputs, inputs + half, width, c[row] + panel * half)
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
