// Disentangled self-attention over packed sequences, f32: a score is the sum of query by key, query by
// the key's relative position and key by the query's. The two position terms depend on the distance
// through its bucket alone, so rows are multiplied with the vectors of all buckets in reach, and every
// pair looks its two sums up. No [tokens x tokens] matrix and no [tokens x buckets] matrix exists.
// Source: He et al., "DeBERTa: Decoding-enhanced BERT with Disentangled Attention", 2021.

internal import CKernels

extension Compute {
  /// Plans the attention of sequences at `offsets`: the first token of each, then the token count.
  package func plan(
    _ plan: inout RelativeAttentionPlan, offsets: [Int], shape: RelativeShape,
    positions: RelativePositions?
  ) {
    plan.lay(
      out: offsets, shape, buckets: positions?.count ?? 0, tileColumns: kernels.tileColumns,
      threads: pool.threadCount)
  }

  /// context = softmax(scores) v for every query and head, with
  /// score = (q k + q keys[b] + k queries[b]) / sqrt(terms * headDimension), b = bucket(query - key).
  ///
  /// - Parameters:
  ///   - queries: `[tokens, hidden]`, or the plan's selected rows; scaled in place.
  ///   - keys: `[tokens, hidden]`.
  ///   - scratch: as `packKeysAndValues` left it.
  ///   - tasks: at least `plan.taskFloatCount` floats a thread.
  ///   - context: `[rows of queries, hidden]`.
  package func attend(
    _ queries: FloatRows, keys: FloatRows, _ plan: RelativeAttentionPlan, selected: Bool,
    terms: RelativeTerms, shape: RelativeShape, scratch: AlignedFloats, tasks: AlignedFloats,
    into context: FloatRows
  ) {
    let hidden = shape.headCount * shape.headDimension
    precondition(queries.columns == hidden && keys.columns == hidden && context.columns == hidden)
    precondition(tasks.count >= plan.taskFloatCount * pool.threadCount)
    let groups = selected ? plan.selectedGroups : plan.groups
    let rowCount = (groups.last?.firstRow ?? 0) + (groups.last?.rowCount ?? 0)
    precondition(queries.count == rowCount && context.count == rowCount, "\(rowCount) queries")
    pool.run(
      groups.count * shape.headCount,
      RelativeAttentionJob(
        kernels: kernels, queries: queries, keys: keys, context: context, terms: terms,
        shape: shape, groups: groups, positions: selected ? plan.selectedPositions : nil,
        plan: plan, packed: scratch, memory: tasks))
  }
}

/// The position terms of one layer.
package struct RelativeTerms: Sendable {
  /// Buckets of distances; nil: scores have no position terms.
  package let positions: RelativePositions?
  /// Multiplied with queries.
  let keys: RelativeVectors?
  /// Multiplied with keys; they carry the scale.
  let queries: RelativeVectors?

  package init(positions: RelativePositions?, keys: RelativeVectors?, queries: RelativeVectors?) {
    precondition(positions != nil || (keys == nil && queries == nil), "vectors without positions")
    self.positions = keys == nil && queries == nil ? nil : positions
    self.keys = keys
    self.queries = queries
  }

  package var byteCount: Int { (keys?.byteCount ?? 0) + (queries?.byteCount ?? 0) }
}

/// A group of queries of one head against all keys of its sequence, a block of keys at a time.
private struct RelativeAttentionJob: PoolJob {
  let kernels: KernelSet
  let queries: FloatRows
  let keys: FloatRows
  let context: FloatRows
  let terms: RelativeTerms
  let shape: RelativeShape
  let groups: [RelativeGroup]
  /// Of every row of `queries`; nil: a group's rows follow its first position.
  let positions: [Int]?
  let plan: RelativeAttentionPlan
  let packed: AlignedFloats
  let memory: AlignedFloats

  func run(_ task: Int, on worker: PoolWorker) {
    let (index, head) = task.quotientAndRemainder(dividingBy: shape.headCount)
    let group = groups[index]
    let length = plan.packing.area(group.sequence).length
    let q = slice(queries, from: group.firstRow, count: group.rowCount, head)
    let out = slice(context, from: group.firstRow, count: group.rowCount, head)
    let floats = TaskFloats(memory.base + worker.index * plan.taskFloatCount, plan)
    for row in 0..<q.count { kernels.table.scale_f32(q[row], shape.scale, q.columns) }
    floats.maxima.update(repeating: -.infinity, count: q.count)
    floats.sums.update(repeating: 0, count: q.count)

    for first in stride(from: 0, to: length, by: RelativeAttentionPlan.keyBlock) {
      let block = first..<min(length, first + RelativeAttentionPlan.keyBlock)
      // The keys of the block with the buckets that any query of the group can need.
      let buckets = reach(group.firstPosition...group.lastPosition, block)
      if let vectors = terms.queries {
        let k = slice(keys, from: group.keyRow + first, count: block.count, head)
        multiply(k, vectors, head, buckets, from: buckets.lowerBound, into: floats.ofKeys)
      }
      for row in stride(from: 0, to: q.count, by: RelativeAttentionPlan.queryBlock) {
        let rows = row..<min(q.count, row + RelativeAttentionPlan.queryBlock)
        score(group, rows, q.rows(rows), head, block, buckets, floats)
        accumulate(group, rows, out.rows(rows), head, block, floats)
      }
    }
    for row in 0..<out.count {
      kernels.table.scale_f32(out[row], 1 / floats.sums[row], out.columns)
    }
  }

  /// The scores of a block of queries and a block of keys.
  private func score(
    _ group: RelativeGroup, _ rows: Range<Int>, _ q: FloatRows, _ head: Int, _ block: Range<Int>,
    _ buckets: Range<Int>, _ floats: TaskFloats
  ) {
    let scores = floats.scores(rows.count, block.count)
    let width = kernels.tileColumns
    let panels = packed.base + plan.packing.area(group.sequence).keys(head)
    for column in stride(from: 0, to: block.count, by: width) {
      kernels.multiplyTile(
        q, panels + (block.lowerBound + column) * q.columns, k: q.columns,
        width: min(width, block.count - column), into: scores, column: column, accumulate: false)
    }
    guard let positions = terms.positions else { return }
    let ofQueries = floats.ofQueries
    if let vectors = terms.keys {
      let span = position(rows.lowerBound, group)...position(rows.upperBound - 1, group)
      multiply(
        q, vectors, head, reach(span, block), from: buckets.lowerBound, into: ofQueries)
    }
    for row in 0..<rows.count {
      kernels.table.relative_f32(
        positions.row(query: position(rows.lowerBound + row, group), key: block.lowerBound),
        Int32(buckets.lowerBound), block.count, terms.keys == nil ? nil : ofQueries[row],
        terms.queries == nil ? nil : floats.ofKeys.base, floats.ofKeys.stride, scores[row])
    }
  }

  /// One step of the online softmax: weights of the block, and its values added to the context.
  private func accumulate(
    _ group: RelativeGroup, _ rows: Range<Int>, _ out: FloatRows, _ head: Int,
    _ block: Range<Int>, _ floats: TaskFloats
  ) {
    let scores = floats.scores(rows.count, block.count)
    let isFirst = block.lowerBound == 0
    for row in 0..<rows.count {
      let correction = kernels.table.softmax_block_f32(
        scores[row], block.count, floats.maxima + rows.lowerBound + row,
        floats.sums + rows.lowerBound + row)
      if !isFirst { kernels.table.scale_f32(out[row], correction, out.columns) }
    }
    let area = plan.packing.area(group.sequence)
    let values = packed.base + area.values(head)
    let width = kernels.tileColumns
    for column in stride(from: 0, to: out.columns, by: width) {
      kernels.multiplyTile(
        scores, values + column * area.length + block.lowerBound * width, k: block.count,
        width: min(width, out.columns - column), into: out, column: column, accumulate: !isFirst)
    }
  }

  private func position(_ row: Int, _ group: RelativeGroup) -> Int {
    positions.map { $0[group.firstRow + row] } ?? group.firstPosition + row
  }

  /// Whole panels of buckets that hold all of some queries and keys; empty without positions.
  private func reach(_ queries: ClosedRange<Int>, _ keys: Range<Int>) -> Range<Int> {
    guard let positions = terms.positions else { return 0..<0 }
    let buckets = positions.buckets(queries: queries, keys: keys)
    let width = kernels.tileColumns
    let end = (buckets.upperBound / width + 1) * width
    return buckets.lowerBound / width * width..<min(end, positions.count)
  }

  /// out[:, b - from] = rows * vectors[b] for some panels of buckets.
  private func multiply(
    _ rows: FloatRows, _ vectors: RelativeVectors, _ head: Int, _ buckets: Range<Int>,
    from: Int, into out: FloatRows
  ) {
    let width = kernels.tileColumns
    for bucket in stride(from: buckets.lowerBound, to: buckets.upperBound, by: width) {
      kernels.multiplyTile(
        rows, vectors.panel(head, at: bucket), k: rows.columns,
        width: min(width, buckets.upperBound - bucket), into: out, column: bucket - from,
        accumulate: false)
    }
  }

  private func slice(_ rows: FloatRows, from first: Int, count: Int, _ head: Int) -> FloatRows {
    FloatRows(
      rows[first] + head * shape.headDimension, count: count, columns: shape.headDimension,
      stride: rows.stride)
  }
}

/// The memory of one thread, cut up.
private struct TaskFloats {
  /// `[keyBlock, buckets]` and `[queryBlock, buckets]`.
  let ofKeys: FloatRows
  let ofQueries: FloatRows
  private let scoreBase: UnsafeMutablePointer<Float>
  /// `[groupRows]`
  let maxima: UnsafeMutablePointer<Float>
  let sums: UnsafeMutablePointer<Float>

  private static let keyBlock = RelativeAttentionPlan.keyBlock
  private static let queryBlock = RelativeAttentionPlan.queryBlock

  init(_ base: UnsafeMutablePointer<Float>, _ plan: RelativeAttentionPlan) {
    let columns = plan.bucketColumns
    ofKeys = FloatRows(base, count: Self.keyBlock, columns: columns, stride: columns)
    let queryBase = base + Self.keyBlock * columns
    ofQueries = FloatRows(queryBase, count: Self.queryBlock, columns: columns, stride: columns)
    scoreBase = queryBase + Self.queryBlock * columns
    maxima = scoreBase + Self.queryBlock * Self.keyBlock
    sums = maxima + RelativeAttentionPlan.groupRows
  }

  func scores(_ rows: Int, _ keys: Int) -> FloatRows {
    FloatRows(scoreBase, count: rows, columns: keys, stride: Self.keyBlock)
  }
}
