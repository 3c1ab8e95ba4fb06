// Self-attention over packed sequences, f32: rotated queries, packed keys and values, and an online
// softmax over key blocks. No [tokens x tokens] matrix exists: a task holds the scores of one tile
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
  ///   - rotary: nil scales the queries alone.
  ///   - scratch: as `packKeysAndValues` left it.
  ///   - context: `[rows of queries, hidden]`.
  package func attend(
    _ queries: FloatRows, _ plan: AttentionPlan, selected: Bool = false, rotary: RotaryTable?,
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
    // Keys: panels of `width` keys, each [d][width]. A block begins and ends on a part of a panel
    // that is no other task's. Values: panels of `width` dimensions, each [length][width].
    let keys = memory.base + block.area.keys(head)
    let values = memory.base + block.area.values(head)
    let part = min(width, AttentionPlan.packedTogether)
    let rowStride = qkv.stride
    let angleStride = rotary?.stride ?? 0
    for first in stride(from: block.span.lowerBound, to: block.span.upperBound, by: part) {
      let count = min(part, block.span.upperBound - first)
      let k = qkv[block.firstRow + first - block.span.lowerBound] + shape.hiddenSize + head * d
      // Pointers once a part: the table is an object, and a loop that asks it counts references.
      let (cosine, sine) = (rotary?.cosine(first), rotary?.sine(first))
      for offset in 0..<count {
        let k = k + offset * rowStride
        if let cosine, let sine {
          table.rope_f32(
            k, cosine + offset * angleStride, sine + offset * angleStride, d / 2, 1)
        }
        let v = k + shape.hiddenSize
        let value = values + (first + offset) * width
        for column in stride(from: 0, to: d, by: width) {
          (value + column * block.area.length).update(
            from: v + column, count: min(width, d - column))
        }
      }
      let (panel, column) = first.quotientAndRemainder(dividingBy: width)
      gk_transpose_f32(
        k, rowStride, count, d, keys + panel * d * width + column, width)
    }
  }
}

/// A block of queries of one head against all the keys it sees.
private struct AttentionJob: PoolJob {
  let kernels: KernelSet
  let queries: FloatRows
  let context: FloatRows
  let rotary: RotaryTable?
  let shape: AttentionShape
  let blocks: [AttentionBlock]
  /// Of every row of `queries`; nil: a block's rows are its span.
  let positions: [Int]?
  let memory: AlignedFloats

  /// Keys per score block: a multiple of every kernel set's tile columns. A tile of 12 queries has
  /// 12 KB of scores, which stay in the nearest cache.
  private static let keyBlock = 256

  func run(_ task: Int, on worker: PoolWorker) {
    let (index, head) = task.quotientAndRemainder(dividingBy: shape.headCount)
    let block = blocks[index]
    let d = shape.headDimension
    let q = FloatRows(
      queries[block.firstRow] + head * d, count: block.rowCount, columns: d,
      stride: queries.stride)
    let out = FloatRows(
      context[block.firstRow] + head * d, count: block.rowCount, columns: d,
      stride: context.stride)
    rotate(q, block)
    for row in stride(from: 0, to: block.rowCount, by: kernels.tileRows) {
      let rows = row..<min(row + kernels.tileRows, block.rowCount)
      attend(rows, block, head, q.rows(rows), out.rows(rows), worker.scratch)
    }
  }

  /// A tile of queries, `tile` of the block's rows, against the keys it sees.
  private func attend(
    _ tile: Range<Int>, _ block: AttentionBlock, _ head: Int, _ q: FloatRows, _ out: FloatRows,
    _ scratch: UnsafeMutableRawPointer
  ) {
    let d = shape.headDimension
    let width = kernels.tileColumns
    let table = kernels.table
    let keys = memory.base + block.area.keys(head)
    let values = memory.base + block.area.values(head)
    let floats = scratch.bindMemory(
      to: Float.self, capacity: kernels.tileRows * (Self.keyBlock + 2))
    let maxima = floats + kernels.tileRows * Self.keyBlock
    let sums = maxima + kernels.tileRows
    maxima.update(repeating: -.infinity, count: tile.count)
    sums.update(repeating: 0, count: tile.count)

    // Score blocks begin where the block's keys do, so that they lie the same in every batch; what
    // a tile leaves out of one has weight 0. Both begin on a panel of keys.
    let visible = block.visibleKeys(window: shape.window)
    let seenByTile = visibleKeys(tile, block)
    var isFirst = true
    let start = visible.lowerBound / width * width
    for first in stride(from: start, to: visible.upperBound, by: Self.keyBlock) {
      let begin = max(first, seenByTile.lowerBound / width * width)
      let end = min(first + Self.keyBlock, seenByTile.upperBound)
      guard begin < end else { continue }
      let seen = begin..<end
      let scores = FloatRows(floats, count: tile.count, columns: seen.count, stride: Self.keyBlock)
      for column in stride(from: 0, to: seen.count, by: width) {
        table.gemm_f32(
          tile.count, min(width, seen.count - column), d, q.base, q.stride,
          keys + (seen.lowerBound + column) / width * d * width, scores.base + column,
          scores.stride, 0)
      }
      if let window = shape.window { mask(scores, tile, block, keys: seen, window: window) }
      for row in 0..<tile.count {
        let correction = table.softmax_block_f32(
          scores[row], seen.count, maxima + row, sums + row)
        if !isFirst, correction != 1 { table.scale_f32(out[row], correction, d) }
      }
      for column in stride(from: 0, to: d, by: width) {
        table.gemm_f32(
          tile.count, min(width, d - column), seen.count, scores.base, scores.stride,
          values + column * block.area.length + seen.lowerBound * width, out.base + column,
          out.stride, isFirst ? 0 : 1)
      }
      isFirst = false
    }
    for row in 0..<tile.count { table.scale_f32(out[row], 1 / sums[row], d) }
  }

  /// Keys that at least one query of the tile sees.
  private func visibleKeys(_ tile: Range<Int>, _ block: AttentionBlock) -> Range<Int> {
    guard let window = shape.window else { return 0..<block.area.length }
    let first = position(tile.lowerBound, block)
    let last = position(tile.upperBound - 1, block)
    return max(0, first - window)..<min(block.area.length, last + window + 1)
  }

  private func position(_ row: Int, _ block: AttentionBlock) -> Int {
    positions.map { $0[block.firstRow + row] } ?? block.span.lowerBound + row
  }

  /// Every query is rotated and scaled by one task: the one of its block and head.
  private func rotate(_ q: FloatRows, _ block: AttentionBlock) {
    let table = kernels.table
    let scale = 1 / Float(shape.headDimension).squareRoot()
    for row in 0..<q.count {
      guard let rotary else {
        table.scale_f32(q[row], scale, q.columns)
        continue
      }
      let position = position(row, block)
      table.rope_f32(q[row], rotary.cosine(position), rotary.sine(position), q.columns / 2, scale)
    }
  }

  /// Writes -inf where |query - key| > window.
  private func mask(
    _ scores: FloatRows, _ tile: Range<Int>, _ block: AttentionBlock, keys: Range<Int>, window: Int
  ) {
    for row in 0..<scores.count {
      let query = position(tile.lowerBound + row, block)
      let firstSeen = max(keys.lowerBound, min(keys.upperBound, query - window))
      let endSeen = max(firstSeen, min(keys.upperBound, query + window + 1))
      for key in keys.lowerBound..<firstSeen { scores[row][key - keys.lowerBound] = -.infinity }
      for key in endSeen..<keys.upperBound { scores[row][key - keys.lowerBound] = -.infinity }
    }
  }
}
