// Packs the weights of a model while they are read: every thread of the pool reads rows of the
// checkpoint into its own small buffer and packs them from there. No matrix is ever held unpacked.

internal import CKernels
internal import Synchronization

/// Reads rows of one tensor, row-major, into memory of exactly their size; called by several threads.
package typealias RowReader<Failure: Error> =
  @Sendable (Range<Int>, UnsafeMutableBufferPointer<Float>) throws(Failure) -> Void

/// Packs matrices and copies tables, one after the other, into memory that they share.
package struct WeightPacker: ~Copyable {
  private let compute: Compute
  private let arena: WeightArena
  /// Unpacked rows: as many floats for every thread.
  private var staging = AlignedFloats(count: 0)

  /// Floats that a task of `table` reads.
  private static let chunkCount = 1 << 18

  package init(compute: Compute, arena: WeightArena = WeightArena()) {
    self.compute = compute
    self.arena = arena
  }

  /// Packs a weight of `[outputs, inputs]`, whose rows `read` gives.
  package mutating func matrix<Failure: Error>(
    outputs: Int, inputs: Int, bias: [Float]?, arrangement: PackedMatrix.Arrangement = .plain,
    _ read: @escaping RowReader<Failure>
  ) throws(Failure) -> PackedMatrix {
    precondition(bias == nil || bias?.count == outputs, "bias of \(bias?.count ?? 0), \(outputs)")
    precondition(arrangement == .plain || outputs.isMultiple(of: 2), "\(outputs) gated outputs")
    if compute.kernels.usesOpenBLAS {
      let floats = try table(rows: outputs, columns: inputs, read)
      return PackedMatrix(
        floats, bias: bias, outputs: outputs, inputs: inputs, arrangement, compute.kernels)
    }
    let layout = PanelLayout(outputs, arrangement, tileColumns: compute.kernels.tileColumns)
    let width = layout.tileColumns
    let packed = arena.floats(layout.panelCount * width * inputs)
    let size = width * inputs
    if staging.count < size * compute.pool.threadCount {
      staging = AlignedFloats(count: size * compute.pool.threadCount)
    }
    try eachTask(layout.panelCount) { [staging] (panel, worker) throws(Failure) in
      let buffer = staging.base + worker * size
      var start = 0
      for rows in layout.rows(of: panel) {
        let count = rows.count * inputs
        try read(rows, UnsafeMutableBufferPointer(start: buffer + start, count: count))
        start += count
      }
      layout.pack(panel, inputs: inputs, from: buffer, into: packed.base + panel * size)
    }
    return PackedMatrix(
      packed, bias: bias.map(layout.packed), outputs: outputs, inputs: inputs, arrangement,
      compute.kernels)
  }

  /// Reads a table of `[rows, columns]` as it is.
  package func table<Failure: Error>(
    rows: Int, columns: Int, _ read: @escaping RowReader<Failure>
  ) throws(Failure) -> AlignedFloats {
    let floats = arena.floats(rows * columns)
    try fill(floats, rows: rows, columns: columns, read)
    return floats
  }

  /// Reads a table of `[rows, columns]` as it is into memory of the caller, of at least its size.
  package func fill<Failure: Error>(
    _ floats: AlignedFloats, rows: Int, columns: Int, _ read: @escaping RowReader<Failure>
  ) throws(Failure) {
    precondition(floats.count >= rows * columns, "\(floats.count) floats for \(rows)x\(columns)")
    let grain = max(1, Self.chunkCount / max(1, columns))
    try eachTask((rows + grain - 1) / grain) { (task, _) throws(Failure) in
      let chunk = task * grain..<min(rows, (task + 1) * grain)
      try read(
        chunk,
        UnsafeMutableBufferPointer(
          start: floats.base + chunk.lowerBound * columns, count: chunk.count * columns))
    }
  }

  /// Runs all tasks; of those that fail, the first one's error is thrown.
  private func eachTask<Failure: Error>(
    _ count: Int, _ body: @escaping @Sendable (Int, Int) throws(Failure) -> Void
  ) throws(Failure) {
    let first = Mutex<(task: Int, error: Failure)?>(nil)
    compute.pool.run(count) { task, worker in
      do throws(Failure) {
        try body(task, worker)
      } catch {
        first.withLock { if ($0?.task ?? .max) > task { $0 = (task, error) } }
      }
    }
    if let failure = first.withLock({ $0 }) { throw failure.error }
  }
}
