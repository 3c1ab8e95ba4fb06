// Operations that treat every row alone.

internal import CKernels

extension Compute {
  /// Rows per task of a row-wise operation.
  private static let grain = 16

  /// out = LN(x) * weight (+ bias), row by row. `out` may be `x`.
  package func layerNorm(
    _ x: FloatRows, weight: AlignedFloats, bias: AlignedFloats?, eps: Float, into out: FloatRows
  ) {
    precondition(x.columns == weight.count && out.columns == x.columns && out.count == x.count)
    precondition(bias == nil || bias?.count == weight.count)
    run(LayerNorm(x: x, weight: weight, bias: bias, eps: eps, out: out, compute: self), x.count)
  }

  /// out = table[id] (+ segments[segment]) per row. `ids` and `segmentIDs` are in range.
  package func gather(
    _ ids: [Int32], from table: FloatRows, segmentIDs: [Int32], segments: FloatRows?,
    into out: FloatRows
  ) {
    precondition(ids.count == out.count && out.columns == table.columns)
    run(
      Gather(ids: ids, table: table, segmentIDs: segmentIDs, segments: segments, out: out),
      ids.count)
  }

  /// out += table[position of the row in its sequence]. `offsets`: the first row of each sequence, then
  /// the row count; no sequence is longer than the table.
  package func addByPosition(_ table: FloatRows, offsets: [Int], into out: FloatRows) {
    precondition(offsets.last == out.count && out.columns == table.columns)
    pool.run(offsets.count - 1, AddByPosition(table: table, offsets: offsets, out: out))
  }

  /// x = gelu(x), the exact (erf) GELU, in place.
  package func gelu(_ x: FloatRows) {
    run(GELU(x: x, kernels: kernels), x.count)
  }

  private func run(_ body: some RowWork, _ count: Int) {
    let job = RowJob(count: count, grain: Self.grain, work: body)
    pool.run((count + Self.grain - 1) / Self.grain, job)
  }
}

/// What is done to a range of rows.
private protocol RowWork: Sendable {
  func run(_ rows: Range<Int>)
}

/// Row work cut into tasks of `grain` rows.
private struct RowJob<Work: RowWork>: PoolJob {
  let count: Int
  let grain: Int
  let work: Work

  func run(_ task: Int, on worker: PoolWorker) {
    work.run(task * grain..<min(count, (task + 1) * grain))
  }
}

private struct LayerNorm: RowWork {
  let x: FloatRows
  let weight: AlignedFloats
  let bias: AlignedFloats?
  let eps: Float
  let out: FloatRows
  let compute: Compute

  func run(_ rows: Range<Int>) {
    for row in rows {
      compute.normalizeRow(x[row], weight: weight, bias: bias, eps: eps, into: out[row])
    }
  }
}

private struct Gather: RowWork {
  let ids: [Int32]
  let table: FloatRows
  let segmentIDs: [Int32]
  let segments: FloatRows?
  let out: FloatRows

  func run(_ rows: Range<Int>) {
    for row in rows {
      out[row].update(from: table[Int(ids[row])], count: table.columns)
      guard let segments else { continue }
      let segment = segments[Int(segmentIDs[row])]
      for column in 0..<table.columns { out[row][column] += segment[column] }
    }
  }
}

/// One sequence's rows.
private struct AddByPosition: PoolJob {
  let table: FloatRows
  let offsets: [Int]
  let out: FloatRows

  func run(_ task: Int, on worker: PoolWorker) {
    let rows = offsets[task]..<offsets[task + 1]
    precondition(rows.count <= table.count, "\(rows.count) rows, \(table.count) positions")
    for row in rows {
      let added = table[row - rows.lowerBound]
      for column in 0..<out.columns { out[row][column] += added[column] }
    }
  }
}

private struct GELU: RowWork {
  let x: FloatRows
  let kernels: KernelSet

  func run(_ rows: Range<Int>) {
    for row in rows { kernels.table.geglu_f32(x[row], nil, x.columns, x[row]) }
  }
}

extension Compute {
  /// out = LN(x) * weight (+ bias) of one row, on the calling thread. `out` may be `x`.
  package func normalizeRow(
    _ x: UnsafePointer<Float>, weight: AlignedFloats, bias: AlignedFloats?, eps: Float,
    into out: UnsafeMutablePointer<Float>
  ) {
    kernels.table.layer_norm_f32(
      x, weight.base, bias.map { UnsafePointer($0.base) }, eps, weight.count, out)
  }
}
