// Attention of a few queries on many keys, f32, without positions: a task is one head of one group of
// queries, and holds the scores of one tile of queries against all of the group's keys.

internal import CKernels

extension Compute {
  /// context = softmax(q k^T / sqrt(head width)) v, head by head; queries see the keys of their own
  /// group alone. A group's bits do not depend on the others.
  ///
  /// - Parameters:
  ///   - queries: `[all queries, width]`
  ///   - keys: `[all keys, width]`, and `values` alike
  ///   - groups: Rows of queries, and the rows of the keys they see: at least one.
  ///   - headCount: A divisor of the width.
  package func crossAttend(
    _ queries: FloatRows, _ keys: FloatRows, _ values: FloatRows,
    groups: [(queries: Range<Int>, keys: Range<Int>)], headCount: Int, into context: FloatRows
  ) {
    precondition(keys.columns == queries.columns && values.columns == queries.columns)
    precondition(queries.columns.isMultiple(of: headCount), "\(headCount) of \(queries.columns)")
    pool.run(
      groups.count * headCount,
      CrossAttentionJob(
        kernels: kernels, queries: queries, keys: keys, values: values, groups: groups,
        headCount: headCount, context: context))
  }
}

private struct CrossAttentionJob: PoolJob {
  let kernels: KernelSet
  let queries: FloatRows
  let keys: FloatRows
  let values: FloatRows
  let groups: [(queries: Range<Int>, keys: Range<Int>)]
  let headCount: Int
  let context: FloatRows

  func run(_ task: Int, on worker: PoolWorker) {
    let (index, head) = task.quotientAndRemainder(dividingBy: headCount)
    let (queryRows, keyRows) = groups[index]
    guard !queryRows.isEmpty else { return }
    let width = kernels.tileColumns
    let d = queries.columns / headCount
    let panelled = (keyRows.count + width - 1) / width * width
    let valueWidth = (d + width - 1) / width * width
    let tileRows = min(kernels.tileRows, queryRows.count)
    let memory = AlignedFloats(count: panelled * (d + valueWidth) + tileRows * panelled)
    // Keys: panels of `width` keys, each [d][width]. Values: panels of `width` dimensions, each
    // [keys][width]. Zeros fill what is over.
    let keyPanels = memory.base
    let valuePanels = keyPanels + panelled * d
    for (position, row) in keyRows.enumerated() {
      let (panel, column) = position.quotientAndRemainder(dividingBy: width)
      let key = keys[row] + head * d
      let keyColumn = keyPanels + panel * d * width + column
      for i in 0..<d { keyColumn[i * width] = key[i] }
      let value = values[row] + head * d
      for first in stride(from: 0, to: d, by: width) {
        (valuePanels + first * keyRows.count + position * width).update(
          from: value + first, count: min(width, d - first))
      }
    }
    let scores = FloatRows(
      memory, offset: panelled * (d + valueWidth), count: tileRows, columns: keyRows.count,
      stride: panelled)
    for first in stride(from: queryRows.lowerBound, to: queryRows.upperBound, by: tileRows) {
      let rows = first..<min(first + tileRows, queryRows.upperBound)
      attend(rows, column: head * d, d, keyPanels, valuePanels, scores)
    }
  }

  /// One tile of queries.
  private func attend(
    _ rows: Range<Int>, column: Int, _ d: Int, _ keyPanels: UnsafePointer<Float>,
    _ valuePanels: UnsafePointer<Float>, _ scores: FloatRows
  ) {
    let table = kernels.table
    let (width, keyCount) = (kernels.tileColumns, scores.columns)
    for first in stride(from: 0, to: keyCount, by: width) {
      table.gemm_f32(
        rows.count, min(width, keyCount - first), d, queries[rows.lowerBound] + column,
        queries.stride, keyPanels + first * d, scores.base + first, scores.stride, 0)
    }
    let scale = 1 / Float(d).squareRoot()
    for index in 0..<rows.count {
      var (largest, sum) = (-Float.infinity, Float(0))
      table.scale_f32(scores[index], scale, keyCount)
      _ = table.softmax_block_f32(scores[index], keyCount, &largest, &sum)
      table.scale_f32(scores[index], 1 / sum, keyCount)
    }
    for first in stride(from: 0, to: d, by: width) {
      table.gemm_f32(
        rows.count, min(width, d - first), keyCount, scores.base, scores.stride,
        valuePanels + first * keyCount, context[rows.lowerBound] + column + first,
        context.stride, 0)
    }
  }
}
