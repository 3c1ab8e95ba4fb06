// Self-attention over packed sequences, f32: rotated queries, packed keys and values, and an online
// softmax over key blocks. No [tokens x tokens] matrix exists: a task holds the scores of one block
// of queries against one block of keys. Local layers visit the blocks their window touches.
// Source: Dao et al., "FlashAttention", 2022; Milakov and Gimelshein, 2018 (online softmax).

internal import CKernels

extension Compute {
  /// Plans the attention of sequences at `offsets`: the first token of each, then the token count.
  package func plan(_ plan: inout AttentionPlan, offsets: [Int], shape: AttentionShape) {
    plan.lay(out: offsets, shape, tileColumns: kernels.tileColumns)
  }

  /// Rotates all keys in place, and packs keys and values for `attend`.
  ///
  /// - Parameters:
  ///   - qkv: `[tokens, 3 * hidden]`, q then k then v, heads side by side.
  ///   - rotary: nil leaves the keys as they are.
  ///   - scratch: at least `plan.scratchCount` floats, 64-byte aligned.
  package func packKeysAndValues(
    _ qkv: FloatRows, _ plan: AttentionPlan, rotary: RotaryTable?, shape: AttentionShape,
    scratch: AlignedFloats
  ) {
    precondition(qkv.columns == 3 * shape.hiddenSize)
    if let rotary {
      precondition(
        plan.longestSequence <= rotary.positions,
        "\(plan.longestSequence) positions, \(rotary.positions) rotated")
    }
    precondition(
      scratch.count >= plan.scratchCount, "\(scratch.count) floats, \(plan.scratchCount) needed")
    pool.run(
      plan.blocks.count * shape.headCount,
      PackingJob(
        kernels: kernels, qkv: qkv, rotary: rotary, shape: shape, blocks: plan.blocks,
        memory: scratch))
  }

  /// context = softmax(q k^T / sqrt(headDimension)) v for every query and head.
  ///
  /// - Parameters:
  ///   - queries: `[tokens, 3 * hidden]`, or the plan's selected rows of it; q is rotated in place.
  ///   - scratch: as `packKeysAndValues` left it.
  ///   - context: `[rows of queries, hidden]`.
  package func attend(
    _ queries: FloatRows, _ plan: AttentionPlan, selected: Bool = false, rotary: RotaryTable,
    shape: AttentionShape, scratch: AlignedFloats, into context: FloatRows
  ) {
    precondition(queries.columns == 3 * shape.hiddenSize && context.columns == shape.hiddenSize)
    let blocks = selected ? plan.selectedBlocks : plan.blocks
    let rowCount = (blocks.last?.firstRow ?? 0) + (blocks.last?.rowCount ?? 0)
    precondition(queries.count == rowCount && context.count == rowCount, "\(rowCount) queries")
    pool.run(
      blocks.count * shape.headCount,
      AttentionJob(
        kernels: kernels, queries: queries, context: context, rotary: rotary, shape: shape,
        blocks: blocks, positions: selected ? plan.selectedPositions : nil, memory: scratch))
  }
}

/// A block of positions of one head: rotates its keys and packs its keys and values as B panels.
private struct PackingJob: PoolJob {
  let kernels: KernelSet
  let qkv: FloatRows
  let rotary: RotaryTable?
  let shape: AttentionShape
  let blocks: [AttentionBlock]
  let memory: AlignedFloats

  func run(_ task: Int, on worker: PoolWorker) {
    let (index, head) = task.quotientAndRemainder(dividingBy: shape.headCount)
    let block = blocks[index]
    let d = shape.headDimension
    let width = kernels.tileColumns
    let table = kernels.table
    // Keys: panels of `width` keys, each [d][width]. A block may begin or end inside a panel
    // another task shares, so columns are written one by one.
    let keys = memory.base + block.area.keys(head)
    let values = memory.base + block.area.values(head)
    for position in block.span {
      let row = block.firstRow + position - block.span.lowerBound
      let k = qkv[row] + shape.hiddenSize + head * d
      let v = k + shape.hiddenSize
      if let rotary {
        table.rope_f32(k, rotary.cosine(position), rotary.sine(position), d / 2, 1)
      }
      let (panel, column) = position.quotientAndRemainder(dividingBy: width)
      let keyColumn = keys + panel * d * width + column
      for i in 0..<d { keyColumn[i * width] = k[i] }
      // Values: panels of `width` dimensions, each [length][width].
      for first in stride(from: 0, to: d, by: width) {
        (values + first * block.area.length + position * width).update(
          from: v + first, count: min(width, d - first))
      }
    }
  }
}

/// A block of queries of one head against all the keys it sees.
private struct AttentionJob: PoolJob {
  let kernels: KernelSet
  let queries: FloatRows
  let context: FloatRows
  let rotary: RotaryTable
  let shape: AttentionShape
  let blocks: [AttentionBlock]
  /// Of every row of `queries`; nil: a block's rows are its span.
  let positions: [Int]?
  let memory: AlignedFloats

  /// Keys per score block: a multiple of every kernel set's tile columns. 48 x 256 floats of scores
  /// are 48 KB.
  private static let keyBlock = 256

  func run(_ task: Int, on worker: PoolWorker) {
    let (index, head) = task.quotientAndRemainder(dividingBy: shape.headCount)
    let block = blocks[index]
    let d = shape.headDimension
    let width = kernels.tileColumns
    let table = kernels.table
    let count = block.rowCount
    let q = FloatRows(
      queries[block.firstRow] + head * d, count: count, columns: d, stride: queries.stride)
    let out = FloatRows(
      context[block.firstRow] + head * d, count: count, columns: d, stride: context.stride)
    rotate(q, block)
    let keys = memory.base + block.area.keys(head)
    let values = memory.base + block.area.values(head)
    let visible = block.visibleKeys(window: shape.window)

    let floats = worker.scratch.bindMemory(
      to: Float.self, capacity: AttentionPlan.queryBlock * (Self.keyBlock + 2))
    let maxima = floats + AttentionPlan.queryBlock * Self.keyBlock
    let sums = maxima + AttentionPlan.queryBlock
    maxima.update(repeating: -.infinity, count: count)
    sums.update(repeating: 0, count: count)

    // Score blocks begin on a panel of keys, so that they lie the same in every batch.
    let start = visible.lowerBound / width * width
    for first in stride(from: start, to: visible.upperBound, by: Self.keyBlock) {
      let seen = first..<min(first + Self.keyBlock, visible.upperBound)
      let scores = FloatRows(floats, count: count, columns: seen.count, stride: Self.keyBlock)
      for column in stride(from: 0, to: seen.count, by: width) {
        let panel = keys + (first + column) / width * d * width
        kernels.multiplyTile(
          q, panel, k: d, width: min(width, seen.count - column), into: scores, column: column,
          accumulate: false)
      }
      if let window = shape.window { mask(scores, block, keys: seen, window: window) }
      let isFirst = first == start
      for row in 0..<count {
        let correction = table.softmax_block_f32(
          scores[row], seen.count, maxima + row, sums + row)
        if !isFirst { table.scale_f32(out[row], correction, d) }
      }
      for column in stride(from: 0, to: d, by: width) {
        let panel = values + column * block.area.length + first * width
        kernels.multiplyTile(
          scores, panel, k: seen.count, width: min(width, d - column), into: out, column: column,
          accumulate: !isFirst)
      }
    }
    for row in 0..<count { table.scale_f32(out[row], 1 / sums[row], d) }
  }

  private func position(_ row: Int, _ block: AttentionBlock) -> Int {
    positions.map { $0[block.firstRow + row] } ?? block.span.lowerBound + row
  }

  /// Every query is rotated by one task: the one of its block and head.
  private func rotate(_ q: FloatRows, _ block: AttentionBlock) {
    let table = kernels.table
    let scale = 1 / Float(shape.headDimension).squareRoot()
    for row in 0..<q.count {
      let position = position(row, block)
      table.rope_f32(q[row], rotary.cosine(position), rotary.sine(position), q.columns / 2, scale)
    }
  }

  /// Writes -inf where |query - key| > window.
  private func mask(_ scores: FloatRows, _ block: AttentionBlock, keys: Range<Int>, window: Int) {
    for row in 0..<scores.count {
      let query = position(row, block)
      let firstSeen = max(keys.lowerBound, min(keys.upperBound, query - window))
      let endSeen = max(firstSeen, min(keys.upperBound, query + window + 1))
      for key in keys.lowerBound..<firstSeen { scores[row][key - keys.lowerBound] = -.infinity }
      for key in endSeen..<keys.upperBound { scores[row][key - keys.lowerBound] = -.infinity }
    }
  }
}
