// Self-attention over packed sequences, f32: rotated queries, packed keys and values, and an online
// softmax over key blocks. No [tokens x tokens] matrix exists: a task holds the scores of one block
// of queries against one block of keys. Local layers visit the blocks their window touches.
// Source: Dao et al., "FlashAttention", 2022; Milakov and Gimelshein, 2018 (online softmax).

internal import CKernels

/// Where the work of one attention lies: sizes fixed by the model, offsets by the batch.
package struct AttentionShape: Sendable {
  package let headCount: Int
  package let headDimension: Int
  /// Keys visible on each side of a query, inclusive; nil is all of the sequence.
  package let window: Int?

  package init(headCount: Int, headDimension: Int, window: Int?) {
    self.headCount = headCount
    self.headDimension = headDimension
    self.window = window
  }

  var hiddenSize: Int { headCount * headDimension }
}

extension Compute {
  /// Queries per task: a multiple of every kernel set's tile rows.
  private static let queryBlock = 48
  /// Keys per score block: a multiple of every kernel set's tile columns. 48 x 256 floats of scores
  /// are 48 KB.
  private static let keyBlock = 256

  /// Floats of scratch that `attention` needs for sequences of these lengths.
  package func attentionScratchCount(_ offsets: [Int], _ shape: AttentionShape) -> Int {
    var layout = KeyValueLayout(shape: shape, tileColumns: kernels.tileColumns)
    for index in offsets.indices.dropLast() {
      layout.append(length: offsets[index + 1] - offsets[index])
    }
    return layout.floatCount
  }

  /// context = softmax(q k^T / sqrt(headDimension)) v for every sequence and head.
  ///
  /// - Parameters:
  ///   - qkv: `[tokens, 3 * hidden]`, q then k then v, heads side by side; q and k are rotated in
  ///     place.
  ///   - offsets: first token of every sequence, then the token count.
  ///   - scratch: at least `attentionScratchCount` floats, 64-byte aligned.
  ///   - context: `[tokens, hidden]`.
  package func attention(
    _ qkv: FloatRows, offsets: [Int], rotary: RotaryTable, shape: AttentionShape,
    scratch: AlignedFloats, into context: FloatRows
  ) {
    precondition(qkv.columns == 3 * shape.hiddenSize && context.columns == shape.hiddenSize)
    var layout = KeyValueLayout(shape: shape, tileColumns: kernels.tileColumns)
    var tasks: [AttentionTask] = []
    for index in offsets.indices.dropLast() {
      let length = offsets[index + 1] - offsets[index]
      precondition(length <= rotary.positions, "\(length) positions, \(rotary.positions) rotated")
      let keyValues = layout.append(length: length)
      for first in stride(from: 0, to: length, by: Self.queryBlock) {
        tasks.append(
          AttentionTask(
            firstToken: offsets[index], length: length, keyValues: keyValues,
            queries: first..<min(length, first + Self.queryBlock)))
      }
    }
    precondition(scratch.count >= layout.floatCount, "\(scratch.count) floats of scratch")

    let heads = shape.headCount
    let plan = (layout: layout, tasks: tasks)
    pool.run(tasks.count * heads) { index in
      let (task, head) = index.quotientAndRemainder(dividingBy: heads)
      rotateAndPack(plan.tasks[task], head, qkv, rotary, shape, plan.layout, scratch)
    }
    pool.run(tasks.count * heads) { index in
      let (task, head) = index.quotientAndRemainder(dividingBy: heads)
      attend(plan.tasks[task], head, qkv, shape, plan.layout, scratch, context)
    }
  }

  /// Rotates one block of queries (scaled) and keys, and packs its keys and values as B panels.
  private func rotateAndPack(
    _ task: AttentionTask, _ head: Int, _ qkv: FloatRows, _ rotary: RotaryTable,
    _ shape: AttentionShape, _ layout: KeyValueLayout, _ scratch: AlignedFloats
  ) {
    let d = shape.headDimension
    let width = kernels.tileColumns
    let scale = 1 / Float(d).squareRoot()
    for position in task.queries {
      let q = qkv[task.firstToken + position] + head * d
      let k = q + shape.hiddenSize
      let (cosine, sine) = (rotary.cosine(position), rotary.sine(position))
      kernels.table.rope_f32(q, cosine, sine, d / 2, scale)
      kernels.table.rope_f32(k, cosine, sine, d / 2, 1)
    }
    // Keys: panels of `width` keys, each [d][width]. A block may begin or end inside a panel
    // another task shares, so columns are written one by one.
    let keys = scratch.base + layout.keys(task.keyValues, head: head)
    let values = scratch.base + layout.values(task.keyValues, head: head)
    for position in task.queries {
      let row = qkv[task.firstToken + position] + head * d
      let k = row + shape.hiddenSize
      let v = k + shape.hiddenSize
      let (panel, column) = position.quotientAndRemainder(dividingBy: width)
      let keyColumn = keys + panel * d * width + column
      for i in 0..<d { keyColumn[i * width] = k[i] }
      // Values: panels of `width` dimensions, each [length][width].
      for first in stride(from: 0, to: d, by: width) {
        (values + first * task.length + position * width).update(
          from: v + first, count: min(width, d - first))
      }
    }
  }

  /// One block of queries of one head against all the keys it sees.
  private func attend(
    _ task: AttentionTask, _ head: Int, _ qkv: FloatRows, _ shape: AttentionShape,
    _ layout: KeyValueLayout, _ scratch: AlignedFloats, _ context: FloatRows
  ) {
    let d = shape.headDimension
    let width = kernels.tileColumns
    let table = kernels.table
    let count = task.queries.count
    let queries = FloatRows(
      qkv[task.firstToken + task.queries.lowerBound] + head * d, count: count, columns: d,
      stride: qkv.stride)
    let out = FloatRows(
      context[task.firstToken + task.queries.lowerBound] + head * d, count: count, columns: d,
      stride: context.stride)
    let keys = scratch.base + layout.keys(task.keyValues, head: head)
    let values = scratch.base + layout.values(task.keyValues, head: head)
    let visible = task.visibleKeys(window: shape.window)

    withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.queryBlock * Self.keyBlock) {
      scoreMemory in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * Self.queryBlock) { running in
        guard let scoreBase = scoreMemory.baseAddress, let maxima = running.baseAddress else {
          return
        }
        let sums = maxima + Self.queryBlock
        maxima.update(repeating: -.infinity, count: count)
        sums.update(repeating: 0, count: count)

        // Score blocks begin on a panel of keys, so that they lie the same in every batch.
        let start = visible.lowerBound / width * width
        for first in stride(from: start, to: visible.upperBound, by: Self.keyBlock) {
          let block = first..<min(first + Self.keyBlock, visible.upperBound)
          let scores = FloatRows(
            scoreBase, count: count, columns: block.count, stride: Self.keyBlock)
          for column in stride(from: 0, to: block.count, by: width) {
            let panel = keys + (first + column) / width * d * width
            multiplyTile(
              queries, panel, k: d, width: min(width, block.count - column),
              into: scores, column: column, accumulate: false)
          }
          if let window = shape.window {
            mask(scores, queries: task.queries, keys: block, window: window)
          }
          let isFirst = first == start
          for row in 0..<count {
            let correction = table.softmax_block_f32(
              scores[row], block.count, maxima + row, sums + row)
            if !isFirst { table.scale_f32(out[row], correction, d) }
          }
          for column in stride(from: 0, to: d, by: width) {
            let panel = values + column * task.length + first * width
            multiplyTile(
              scores, panel, k: block.count, width: min(width, d - column), into: out,
              column: column, accumulate: !isFirst)
          }
        }
        for row in 0..<count { table.scale_f32(out[row], 1 / sums[row], d) }
      }
    }
  }

  /// out[:, column ..< column + width] (+)= a[:, ..<k] * panel, tile by tile of rows.
  private func multiplyTile(
    _ a: FloatRows, _ panel: UnsafePointer<Float>, k: Int, width: Int, into out: FloatRows,
    column: Int, accumulate: Bool
  ) {
    for row in stride(from: 0, to: a.count, by: kernels.tileRows) {
      kernels.table.gemm_f32(
        min(kernels.tileRows, a.count - row), width, k, a[row], a.stride, panel,
        out[row] + column, out.stride, accumulate ? 1 : 0)
    }
  }

  /// Writes -inf where |query - key| > window.
  private func mask(_ scores: FloatRows, queries: Range<Int>, keys: Range<Int>, window: Int) {
    for row in 0..<scores.count {
      let query = queries.lowerBound + row
      let firstSeen = max(keys.lowerBound, min(keys.upperBound, query - window))
      let endSeen = max(firstSeen, min(keys.upperBound, query + window + 1))
      for key in keys.lowerBound..<firstSeen { scores[row][key - keys.lowerBound] = -.infinity }
      for key in endSeen..<keys.upperBound { scores[row][key - keys.lowerBound] = -.infinity }
    }
  }
}

/// A block of queries of one sequence.
private struct AttentionTask: Sendable {
  let firstToken: Int
  let length: Int
  let keyValues: KeyValueLayout.Sequence
  let queries: Range<Int>

  /// Keys that at least one of the queries sees.
  func visibleKeys(window: Int?) -> Range<Int> {
    guard let window else { return 0..<length }
    return max(0, queries.lowerBound - window)..<min(length, queries.upperBound + window)
  }
}

/// Where the packed keys and values of every (sequence, head) lie in the scratch memory.
private struct KeyValueLayout: Sendable {
  struct Sequence: Sendable {
    let base: Int
    let keyCount: Int  // floats of keys per head
    let valueCount: Int
  }

  let shape: AttentionShape
  let tileColumns: Int
  private(set) var floatCount = 0

  init(shape: AttentionShape, tileColumns: Int) {
    self.shape = shape
    self.tileColumns = tileColumns
  }

  @discardableResult mutating func append(length: Int) -> Sequence {
    let paddedKeys = (length + tileColumns - 1) / tileColumns * tileColumns
    let d = shape.headDimension
    let paddedDimension = (d + tileColumns - 1) / tileColumns * tileColumns
    // Panels are read whole by the kernels: round both areas up to whole cache lines.
    let sequence = Sequence(
      base: floatCount, keyCount: (paddedKeys * d + 15) / 16 * 16,
      valueCount: (length * paddedDimension + 15) / 16 * 16)
    floatCount += shape.headCount * (sequence.keyCount + sequence.valueCount)
    return sequence
  }

  func keys(_ sequence: Sequence, head: Int) -> Int {
    sequence.base + head * (sequence.keyCount + sequence.valueCount)
  }

  func values(_ sequence: Sequence, head: Int) -> Int {
    keys(sequence, head: head) + sequence.keyCount
  }
}
