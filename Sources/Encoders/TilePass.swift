// One forward pass on tiles.
//
// Wide: workers claim blocks of rows, and take a block from attention to the next layer's queries, keys and
// values in one go, so that its activations stay in their cache; one barrier a layer. Narrow, for few rows:
// workers share the columns of every product, so that weights are read once; a barrier a product.

internal import Kernels

/// How a batch is cut.
struct TilePlan {
  let isNarrow: Bool
  /// Whether a layer's weights are read from afar.
  let streams: Bool
  /// Most rows a worker's scratch holds.
  let blockRows: Int

  /// - Parameter layerBytes: the weights of one layer.
  init(_ batch: PackedBatch, threads: Int, layerBytes: Int) {
    var rows = 0
    for sequence in 0..<batch.sequenceCount {
      rows += (batch.rows(of: sequence).count + 15) / 16 * 16
    }
    streams = layerBytes > Self.residentBytes
    isNarrow = threads > 1 && rows < threads * (streams ? Self.streamingRows : Self.residentRows)
    // As many blocks for every worker, none larger than what its cache holds beside the weights.
    let widest = threads * Self.widestBlock
    let blocks = threads * max(1, (rows + widest - 1) / widest)
    blockRows = isNarrow ? rows : max(32, ((rows + blocks - 1) / blocks + 31) / 32 * 32)
  }

  /// Layers up to this size stay in the caches of all workers.
  private static let residentBytes = 4 << 20
  /// Rows a worker needs before it pays to read a layer on its own, of that size and of a larger one.
  private static let residentRows = 48
  private static let streamingRows = 96
  private static let widestBlock = 256
}

/// A block of rows: neighbouring query blocks.
private struct RowBlock: Sendable {
  var queries: Range<Int>
  var tiles: Range<Int>
  var rows: Range<Int> { tiles.lowerBound * 16..<tiles.upperBound * 16 }
}

/// Refers to the workspace's memory: valid during the pass it is made for.
struct TilePass: @unchecked Sendable {
  private let batch: PackedBatch
  private let plan: TilePlan
  private let config: ModernBERTConfig
  private let weights: TileWeights
  private let compute: Compute
  private let kernels: TileKernels
  private let operand: TileOperand
  private let x: UnsafeMutablePointer<Float>
  private let xStride: Int
  private let output: FloatRows
  private let queryBlocks: [TileBatch.QueryBlock]
  private let firstRows: [Int]
  private let scratch: [TileWorkspace.Scratch]
  /// Per layer parity, global and local layers.
  private let globalHeads: (TileHeads, TileHeads)
  private let localHeads: (TileHeads, TileHeads)
  /// All row blocks, and those the last layer computes.
  private let blocks: [RowBlock]
  private let lastBlocks: [RowBlock]

  init(
    _ batch: PackedBatch, _ plan: TilePlan, _ workspace: borrowing TileWorkspace,
    config: ModernBERTConfig, weights: TileWeights, compute: Compute, kernels: TileKernels,
    globalRotary: RotaryTable, localRotary: RotaryTable
  ) {
    self.batch = batch
    self.plan = plan
    self.config = config
    self.weights = weights
    self.compute = compute
    self.kernels = kernels
    operand = compute.precision == .int8 ? .int8 : .bf16
    x = workspace.x
    xStride = workspace.residualStride
    output = workspace.output(batch.tokenCount)
    queryBlocks = workspace.batch.queryBlocks
    firstRows = workspace.batch.firstRows
    let workers = plan.isNarrow ? 1 : compute.pool.threadCount
    scratch = (0..<workers).map { workspace.scratch(of: $0) }
    let scale = 1 / Float(config.headDimension).squareRoot()
    globalHeads = (
      workspace.evenHeads.heads(workspace.batch, rotary: globalRotary, scale: scale),
      workspace.oddHeads.heads(workspace.batch, rotary: globalRotary, scale: scale)
    )
    localHeads = (
      workspace.evenHeads.heads(workspace.batch, rotary: localRotary, scale: scale),
      workspace.oddHeads.heads(workspace.batch, rotary: localRotary, scale: scale)
    )
    blocks = Self.blocks(queryBlocks, rows: plan.blockRows) { _ in true }
    guard let read = batch.outputRows else {
      lastBlocks = blocks
      return
    }
    let offsets = batch.sequenceOffsets
    var next = 0
    lastBlocks = Self.blocks(queryBlocks, rows: plan.blockRows) { block in
      let first = offsets[block.sequence] + block.firstQuery
      while next < read.count, read[next] < first { next += 1 }
      return next < read.count && read[next] < min(first + 32, offsets[block.sequence + 1])
    }
  }

  /// Runs of neighbouring query blocks that are `wanted`, of at most `rows` rows.
  private static func blocks(
    _ queryBlocks: [TileBatch.QueryBlock], rows: Int, wanted: (TileBatch.QueryBlock) -> Bool
  ) -> [RowBlock] {
    var blocks: [RowBlock] = []
    for (index, block) in queryBlocks.enumerated() where wanted(block) {
      let end = block.firstTile + block.tileCount
      if let last = blocks.last, last.queries.upperBound == index,
        end - last.tiles.lowerBound <= rows / 16
      {
        blocks[blocks.count - 1].queries = last.queries.lowerBound..<index + 1
        blocks[blocks.count - 1].tiles = last.tiles.lowerBound..<end
      } else {
        blocks.append(RowBlock(queries: index..<index + 1, tiles: block.firstTile..<end))
      }
    }
    return blocks
  }

  /// Final hidden states; with a tap, of all rows.
  func run(_ tap: Tap?) -> FloatRows {
    if let tap {
      for row in 0..<batch.tokenCount { output[row].update(repeating: 0, count: config.hiddenSize) }
      embedAll()
      report("embeddings", tap)
      layers { report("layers.\($0).out", tap) }
    } else {
      embedAll()
      layers { _ in }
    }
    normalizeOutput(all: tap != nil)
    tap?("final_norm", output)
    return output
  }

  private func layers(_ done: (Int) -> Void) {
    for index in weights.layers.indices {
      if plan.isNarrow { narrowLayer(index) } else { wideLayer(index) }
      done(index)
    }
  }

  private func report(_ name: String, _ tap: Tap) {
    for sequence in 0..<batch.sequenceCount {
      for (position, row) in batch.rows(of: sequence).enumerated() {
        output[row].update(
          from: x + (firstRows[sequence] + position) * xStride, count: config.hiddenSize)
      }
    }
    tap(name, output)
  }

  private func heads(_ layer: Int) -> TileHeads {
    let pair = config.layers[layer] == .global ? globalHeads : localHeads
    return layer.isMultiple(of: 2) ? pair.0 : pair.1
  }

  private func window(_ layer: Int) -> Int? {
    config.layers[layer] == .local ? config.window : nil
  }

  // MARK: Steps on rows

  /// x = LN(embeddings) of the rows of one query block; rows behind a sequence become zeros.
  private func embed(_ block: TileBatch.QueryBlock) {
    let hidden = config.hiddenSize
    for row in 0..<block.tileCount * 16 {
      let out = x + (block.firstTile * 16 + row) * xStride
      let position = block.firstQuery + row
      guard position < block.length else {
        out.update(repeating: 0, count: xStride)
        continue
      }
      let token = batch.sequenceOffsets[block.sequence] + position
      out.update(from: weights.tokenTable.base + Int(batch.tokenIDs[token]) * hidden, count: hidden)
      if let segments = weights.segmentTable {
        let segment = segments.base + Int(batch.segmentIDs[token]) * hidden
        for column in 0..<hidden { out[column] += segment[column] }
      }
      normalizeRow(out, weights.embeddingNorm, into: out)
    }
  }

  private func normalize(_ tiles: Range<Int>, _ norm: TileNorm, into rows: TileRows) {
    kernels.normalize(
      x + tiles.lowerBound * 16 * xStride, stride: xStride, count: tiles.count * 16,
      columns: config.hiddenSize, norm.kernel(epsilon: config.normEpsilon), operand: operand,
      into: rows)
  }

  private func normalizeRow(
    _ x: UnsafePointer<Float>, _ norm: TileNorm, into out: UnsafeMutablePointer<Float>
  ) {
    guard let weight = norm.weight else { return }
    compute.normalizeRow(
      x, weight: weight, bias: norm.bias, eps: Float(config.normEpsilon), into: out)
  }

  private func add(
    _ rows: TileRows, _ tiles: Range<Int>, _ matrix: TileMatrix, _ panels: Range<Int>
  ) {
    kernels.add(
      rows, tiles: tiles.count, times: matrix, panels: panels,
      to: x + tiles.lowerBound * 16 * xStride, stride: xStride)
  }

  private func quantize(_ rows: TileRows, _ matrix: TileMatrix, count: Int, into out: TileRows) {
    if operand == .int8 {
      kernels.quantize(rows, count: count, columns: (matrix.inputs + 31) / 32 * 32, into: out)
    }
  }

  // MARK: Wide

  private func embedAll() {
    if plan.isNarrow {
      compute.pool.run(queryBlocks.count) { index in embed(queryBlocks[index]) }
      return
    }
    compute.pool.run(blocks.count) { index, worker in
      let block = blocks[index]
      for query in block.queries { embed(queryBlocks[query]) }
      project(0, block, scratch[worker])
    }
  }

  /// Queries, keys and values of `layer` for a block of rows.
  private func project(_ layer: Int, _ block: RowBlock, _ scratch: TileWorkspace.Scratch) {
    let matrix = weights.layers[layer].Wqkv
    normalize(block.tiles, weights.layers[layer].attentionNorm, into: scratch.normed)
    kernels.project(
      scratch.normed, tiles: block.tiles, times: matrix, panels: 0..<matrix.panelCount,
      into: heads(layer))
  }

  private func wideLayer(_ index: Int) {
    let layer = weights.layers[index]
    let isLast = index == weights.layers.count - 1
    let blocks = isLast ? lastBlocks : blocks
    compute.pool.run(blocks.count) { task, worker in
      let block = blocks[task]
      let scratch = scratch[worker]
      // Head by head: its keys and values serve all queries of the block while they are near.
      for head in 0..<config.headCount {
        for query in block.queries {
          let queries = queryBlocks[query]
          let rows = scratch.context.from(row: (queries.firstTile - block.tiles.lowerBound) * 16)
          kernels.attend(
            queries, head: head, heads: heads(index), window: window(index), into: rows)
        }
      }
      let rowCount = block.rows.count
      quantize(scratch.context, layer.attentionWo, count: rowCount, into: scratch.contextOperand)
      add(scratch.contextOperand, block.tiles, layer.attentionWo, 0..<layer.attentionWo.panelCount)
      normalize(block.tiles, layer.mlpNorm, into: scratch.normed)
      kernels.geglu(
        scratch.normed, tiles: block.tiles.count, times: layer.Wi,
        panels: 0..<layer.Wi.panelCount, into: scratch.gated)
      quantize(scratch.gated, layer.mlpWo, count: rowCount, into: scratch.gatedOperand)
      add(scratch.gatedOperand, block.tiles, layer.mlpWo, 0..<layer.mlpWo.panelCount)
      if !isLast { project(index + 1, block, scratch) }
    }
  }

  // MARK: Narrow

  /// Cuts `count` panels or heads into tasks for all workers: finer ones where a layer is large, so that a
  /// slow worker leaves some to the others.
  private func share(_ count: Int, _ body: @Sendable (Range<Int>) -> Void) {
    let parts = min(count, (plan.streams ? 3 : 1) * compute.pool.threadCount)
    compute.pool.run(parts) { part in
      body(count * part / parts..<count * (part + 1) / parts)
    }
  }

  private func narrowLayer(_ index: Int) {
    let layer = weights.layers[index]
    let scratch = scratch[0]
    let all = 0..<(queryBlocks.last.map { $0.firstTile + $0.tileCount } ?? 0)
    let isLast = index == weights.layers.count - 1
    share(all.count) { tiles in
      normalize(tiles, layer.attentionNorm, into: scratch.normed.from(row: tiles.lowerBound * 16))
    }
    share(config.headCount) { range in
      let perHead = layer.Wqkv.panelCount / (3 * config.headCount)
      for part in 0..<3 {
        let first = part * config.headCount
        kernels.project(
          scratch.normed, tiles: all, times: layer.Wqkv,
          panels: (first + range.lowerBound) * perHead..<(first + range.upperBound) * perHead,
          into: heads(index))
      }
      for head in range {
        for block in isLast ? lastBlocks : blocks {
          for query in block.queries {
            kernels.attend(
              queryBlocks[query], head: head, heads: heads(index), window: window(index),
              into: scratch.context.from(row: queryBlocks[query].firstTile * 16))
          }
        }
      }
    }
    for block in isLast ? lastBlocks : blocks { narrowRest(layer, block.tiles, scratch) }
  }

  /// Everything behind the attention, for rows that workers share by columns.
  private func narrowRest(
    _ layer: TileWeights.Layer, _ tiles: Range<Int>, _ scratch: TileWorkspace.Scratch
  ) {
    let first = tiles.lowerBound * 16
    let (context, gated) = (scratch.context.from(row: first), scratch.gated.from(row: first))
    let (contextOperand, gatedOperand) = (
      scratch.contextOperand.from(row: first), scratch.gatedOperand.from(row: first)
    )
    if operand == .int8 {
      share(tiles.count) { part in
        quantize(
          context.from(row: part.lowerBound * 16), layer.attentionWo, count: part.count * 16,
          into: contextOperand.from(row: part.lowerBound * 16))
      }
    }
    share(layer.attentionWo.panelCount) { panels in
      add(contextOperand, tiles, layer.attentionWo, panels)
    }
    share(tiles.count) { part in
      let shifted = tiles.lowerBound + part.lowerBound..<tiles.lowerBound + part.upperBound
      normalize(shifted, layer.mlpNorm, into: scratch.normed.from(row: shifted.lowerBound * 16))
    }
    share(layer.Wi.panelCount) { panels in
      kernels.geglu(
        scratch.normed.from(row: first), tiles: tiles.count, times: layer.Wi, panels: panels,
        into: gated)
    }
    if operand == .int8 {
      share(tiles.count) { part in
        quantize(
          gated.from(row: part.lowerBound * 16), layer.mlpWo, count: part.count * 16,
          into: gatedOperand.from(row: part.lowerBound * 16))
      }
    }
    share(layer.mlpWo.panelCount) { panels in add(gatedOperand, tiles, layer.mlpWo, panels) }
  }

  // MARK: Output

  /// The final norm of the rows that are read, from the aligned rows to the batch's own.
  private func normalizeOutput(all: Bool) {
    func write(_ row: Int, _ sequence: Int) {
      let position = row - batch.sequenceOffsets[sequence]
      normalizeRow(
        x + (firstRows[sequence] + position) * xStride, weights.finalNorm, into: output[row])
    }
    guard let read = batch.outputRows, !all else {
      for sequence in 0..<batch.sequenceCount {
        for row in batch.rows(of: sequence) { write(row, sequence) }
      }
      return
    }
    var sequence = 0
    for row in read {
      while row >= batch.sequenceOffsets[sequence + 1] { sequence += 1 }
      write(row, sequence)
    }
  }
}
