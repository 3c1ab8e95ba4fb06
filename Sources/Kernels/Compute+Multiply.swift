// Matrix products over packed weights: the loops around the micro-kernels and their epilogues.

internal import CKernels
internal import COpenBLAS

extension Compute {
  /// What happens to the product A W^T (+ bias).
  package enum Epilogue: Sendable {
    /// C = product
    case store
    /// C += product: the residual stream
    case add
  }

  /// C = A W^T + bias, C += A W^T + bias, or, for a gated weight, C = gelu(inputs) * gates.
  ///
  /// A: `[rows, inputs]`; C: `[rows, weight.resultColumns]`. Work is cut over rows and columns only,
  /// so a row's bits depend on that row, the weight and the kernel set.
  ///
  /// - Parameters:
  ///   - columns: The columns of C that are wanted, nil: all. Others may be written or not.
  ///   - rows: Room for the quantised rows of A, which an int8 weight needs; nil: new room.
  package func multiply(
    _ a: FloatRows, by weight: PackedMatrix, into c: FloatRows, _ epilogue: Epilogue = .store,
    columns: Range<Int>? = nil, quantizing rows: QuantizedRows? = nil
  ) {
    precondition(a.columns == weight.inputs, "\(a.columns) columns, \(weight.inputs) inputs")
    precondition(c.columns == weight.resultColumns && c.count == a.count, "result shape")
    precondition(weight.arrangement == .plain || epilogue == .store, "a gated product is stored")
    guard a.count > 0 else { return }
    if kernels.usesOpenBLAS {
      multiplyByOpenBLAS(a, by: weight, into: c, epilogue)
      return
    }
    let wanted = weight.panels(of: columns)
    if let integers = weight.integers {
      multiplyIntegers(a, weight, integers, wanted, c, epilogue, rows ?? QuantizedRows())
      return
    }
    let plan = MultiplyPlan(
      rows: a.count, tileRows: kernels.tileRows, panels: wanted,
      panelByteCount: weight.inputs * kernels.tileColumns * MemoryLayout<Float>.stride,
      threads: pool.threadCount)
    pool.run(
      plan.taskCount, MultiplyJob(a: a, weight: weight, c: c, epilogue: epilogue, plan: plan))
  }

  /// The oracle: one call a block of rows on the calling thread (the serial OpenBLAS build does not
  /// promise to be reentrant), epilogues on the block.
  private func multiplyByOpenBLAS(
    _ a: FloatRows, by weight: PackedMatrix, into c: FloatRows, _ epilogue: Epilogue
  ) {
    let n = weight.outputs
    let blockRows = min(a.count, 256)
    let block = FloatRows(AlignedFloats(count: blockRows * n), count: blockRows, columns: n)
    for first in stride(from: 0, to: a.count, by: blockRows) {
      let count = min(blockRows, a.count - first)
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasTrans, blasint(count), blasint(n),
        blasint(weight.inputs), 1, a[first], blasint(a.stride), weight.floats.base,
        blasint(weight.inputs), 0, block.base, blasint(n))
      for r in 0..<count {
        let product = block[r]
        let out = c[first + r]
        if let bias = weight.bias { for j in 0..<n { product[j] += bias.base[j] } }
        switch (weight.arrangement, epilogue) {
        case (.gated, _): kernels.table.geglu_f32(product, product + n / 2, n / 2, out)
        case (.plain, .store): out.update(from: product, count: n)
        case (.plain, .add): for j in 0..<n { out[j] += product[j] }
        }
      }
    }
  }
}

/// A block of rows times a group of panels.
private struct MultiplyJob: PoolJob {
  let a: FloatRows
  let weight: PackedMatrix
  let c: FloatRows
  let epilogue: Compute.Epilogue
  let plan: MultiplyPlan

  func run(_ task: Int, on worker: PoolWorker) {
    let (rows, panels) = plan.task(task)
    switch weight.arrangement {
    case .plain: plainTiles(rows, panels)
    case .gated: gatedTiles(rows, panels, worker.scratch)
    }
  }

  private func plainTiles(_ rows: Range<Int>, _ panels: Range<Int>) {
    let kernels = weight.kernels
    let table = kernels.table
    let accumulate: Int32 = epilogue == .add || weight.bias != nil ? 1 : 0
    let tallest = MultiplyPlan.tileHeight(rows.count, atMost: kernels.tileRows)
    for row in stride(from: rows.lowerBound, to: rows.upperBound, by: tallest) {
      let height = min(tallest, rows.upperBound - row)
      for panel in panels {
        let column = panel * kernels.tileColumns
        let width = min(kernels.tileColumns, weight.outputs - column)
        let out = c[row] + column
        if let bias = weight.bias {
          for r in 0..<height {
            for j in 0..<width {
              let value = bias.base[column + j]
              out[r * c.stride + j] = epilogue == .add ? out[r * c.stride + j] + value : value
            }
          }
        }
        table.gemm_f32(
          height, width, weight.inputs, a[row], a.stride, weight.panel(panel), out, c.stride,
          accumulate)
      }
    }
  }

  private func gatedTiles(
    _ rows: Range<Int>, _ panels: Range<Int>, _ scratch: UnsafeMutableRawPointer
  ) {
    let kernels = weight.kernels
    let table = kernels.table
    let tileColumns = kernels.tileColumns
    let half = tileColumns / 2
    let tile = scratch.bindMemory(to: Float.self, capacity: kernels.tileRows * tileColumns)
    let tallest = MultiplyPlan.tileHeight(rows.count, atMost: kernels.tileRows)
    for row in stride(from: rows.lowerBound, to: rows.upperBound, by: tallest) {
      let height = min(tallest, rows.upperBound - row)
      for panel in panels {
        let column = panel * half
        let width = min(half, c.columns - column)
        if let bias = weight.bias {
          for r in 0..<height {
            (tile + r * tileColumns).update(
              from: bias.base + panel * tileColumns, count: tileColumns)
          }
        }
        table.gemm_f32(
          height, tileColumns, weight.inputs, a[row], a.stride, weight.panel(panel), tile,
          tileColumns, weight.bias == nil ? 0 : 1)
        for r in 0..<height {
          let inputs = tile + r * tileColumns
          table.geglu_f32(inputs, inputs + half, width, c[row + r] + column)
        }
      }
    }
  }
}

/// How one product is cut into tasks: blocks of rows times groups of panels.
///
/// A task takes its tiles of rows one after the other past all its panels: the tile stays in a core's
/// nearest cache, the group of panels in the next, and the results of a row are written side by side.
/// (Panel by panel, two threads wrote neighbouring columns of the same rows, and each fetched the
/// lines that the other was about to write.)
struct MultiplyPlan: Sendable {
  let rows: Int
  let panels: Range<Int>
  let blockRows: Int
  let groupPanels: Int
  let groups: Int
  let taskCount: Int

  /// Panels of a task: with its rows and results they fit into 2 MiB, and into 1 MiB nearly.
  private static let groupByteLimit = 640 << 10
  /// Tiles of rows of a task where there are more than `fewTiles`. Fewer rows are not cut: their
  /// weights are read once.
  private static let blockTiles = 8
  private static let fewTiles = 12
  /// Tasks per thread, at least, if there are panels enough: the last of them leaves cores idle.
  private static let tasksPerThread = 6

  init(rows: Int, tileRows: Int, panels: Range<Int>, panelByteCount: Int, threads: Int) {
    self.rows = rows
    self.panels = panels
    let tiles = Self.ceil(rows, tileRows)
    let blocks = tiles <= Self.fewTiles ? 1 : Self.ceil(tiles, Self.blockTiles)
    blockRows = Self.ceil(tiles, blocks) * tileRows
    let blockCount = Self.ceil(rows, blockRows)
    let fitting = max(1, Self.groupByteLimit / max(1, panelByteCount))
    let wanted = max(
      Self.ceil(panels.count, fitting), Self.ceil(threads * Self.tasksPerThread, blockCount))
    groupPanels = max(1, Self.ceil(panels.count, wanted))
    groups = Self.ceil(panels.count, groupPanels)
    taskCount = groups * blockCount
  }

  private static func ceil(_ count: Int, _ part: Int) -> Int { (count + part - 1) / part }

  func task(_ index: Int) -> (rows: Range<Int>, panels: Range<Int>) {
    let (block, group) = index.quotientAndRemainder(dividingBy: groups)
    let row = block * blockRows
    let panel = panels.lowerBound + group * groupPanels
    return (
      row..<min(rows, row + blockRows), panel..<min(panels.upperBound, panel + groupPanels)
    )
  }

  /// Rows per tile, evened out: 64 rows are 6 tiles of 11 or fewer, not 5 of 12 and a thin one of 4.
  static func tileHeight(_ rows: Int, atMost limit: Int) -> Int {
    let tiles = ceil(rows, limit)
    return ceil(rows, tiles)
  }
}
