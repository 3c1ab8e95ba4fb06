// One forward pass on tiles: what it holds, and its steps on rows.
//
// Wide (TilePass+Wide.swift): workers claim blocks of rows, and take a block from attention to the next layer's
// queries, keys and values in one go, so that its activations stay in their cache; one barrier a layer. Narrow
// (TilePass+Narrow.swift), for few rows: workers share the columns of every product, so that weights are read
// once; a barrier a product. A row's bits do not depend on which of the two it goes through.

internal import Kernels

/// Refers to the workspace's memory: valid during the pass it is made for. Running one allocates nothing,
/// and its jobs point to it: a copy a task would have the threads count its parts against each other.
struct TilePass: ~Copyable, @unchecked Sendable {
  let batch: PackedBatch
  let plan: TilePlan
  let config: ModernBERTConfig
  let weights: TileWeights
  let compute: Compute
  let kernels: TileKernels
  let operand: TileOperand
  let x: UnsafeMutablePointer<Float>
  let xStride: Int
  let output: FloatRows
  let queryBlocks: [TileBatch.QueryBlock]
  let firstRows: [Int]
  let scratch: TileScratch
  /// All row blocks, and those the last layer computes.
  let blocks: [TileRowBlock]
  let lastBlocks: [TileRowBlock]
  /// While one layer's queries, keys and values are read, the next one's are written.
  private let globalHeads: (even: TileHeads, odd: TileHeads)
  private let localHeads: (even: TileHeads, odd: TileHeads)

  init(
    _ batch: PackedBatch, _ workspace: borrowing TileWorkspace, config: ModernBERTConfig,
    weights: TileWeights, compute: Compute, kernels: TileKernels, rotary: ModernBERTRotary
  ) {
    self.batch = batch
    plan = workspace.plan
    self.config = config
    self.weights = weights
    self.compute = compute
    self.kernels = kernels
    operand = workspace.operand
    x = workspace.x
    xStride = workspace.residualStride
    output = workspace.output(batch.tokenCount)
    queryBlocks = workspace.batch.queryBlocks
    firstRows = workspace.batch.firstRows
    scratch = workspace.scratch
    blocks = workspace.blocks
    lastBlocks = batch.outputRows == nil ? workspace.blocks : workspace.lastBlocks
    let scale = 1 / Float(config.headDimension).squareRoot()
    globalHeads = (
      workspace.evenHeads.heads(workspace.batch, rotary: rotary[.global], scale: scale),
      workspace.oddHeads.heads(workspace.batch, rotary: rotary[.global], scale: scale)
    )
    localHeads = (
      workspace.evenHeads.heads(workspace.batch, rotary: rotary[.local], scale: scale),
      workspace.oddHeads.heads(workspace.batch, rotary: rotary[.local], scale: scale)
    )
  }

  /// Final hidden states; with a tap, of all rows.
  func run(_ tap: Tap?) -> FloatRows {
    if plan.isNarrow { embedNarrow() } else { embedWide() }
    if let tap { report("embeddings", tap) }
    for layer in weights.layers.indices {
      if plan.isNarrow { narrowLayer(layer) } else { wideLayer(layer) }
      if let tap { report("layers.\(layer).out", tap) }
    }
    normalizeOutput(all: tap != nil)
    tap?("final_norm", output)
    return output
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

  func heads(_ layer: Int) -> TileHeads {
    let pair = config.layers[layer] == .global ? globalHeads : localHeads
    return layer.isMultiple(of: 2) ? pair.even : pair.odd
  }

  func window(_ layer: Int) -> Int? {
    config.layers[layer] == .local ? config.window : nil
  }

  /// The row blocks that `layer` computes.
  func blocks(of layer: Int) -> [TileRowBlock] {
    layer == weights.layers.count - 1 ? lastBlocks : blocks
  }

  // MARK: Steps on rows

  /// x = LN(embeddings) of the rows of one query block; rows behind a sequence become zeros.
  func embed(_ block: TileBatch.QueryBlock) {
    let (hidden, tokens) = (config.hiddenSize, weights.embeddings.tokens)
    for row in 0..<block.tileCount * 16 {
      let out = x + (block.firstTile * 16 + row) * xStride
      let position = block.firstQuery + row
      guard position < block.length else {
        out.update(repeating: 0, count: xStride)
        continue
      }
      let token = batch.sequenceOffsets[block.sequence] + position
      out.update(from: tokens.base + Int(batch.tokenIDs[token]) * hidden, count: hidden)
      if let segments = weights.embeddings.segments {
        let segment = segments.base + Int(batch.segmentIDs[token]) * hidden
        for column in 0..<hidden { out[column] += segment[column] }
      }
      normalizeRow(out, weights.embeddings.norm, into: out)
    }
  }

  func normalize(_ tiles: Range<Int>, _ norm: NormWeights?, into rows: TileRows) {
    kernels.normalize(
      x + tiles.lowerBound * 16 * xStride, stride: xStride, count: tiles.count * 16,
      columns: config.hiddenSize,
      TileKernels.Norm(
        weight: norm?.weight, bias: norm?.bias, epsilon: Float(config.normEpsilon)),
      operand: operand, into: rows)
  }

  private func normalizeRow(
    _ x: UnsafePointer<Float>, _ norm: NormWeights, into out: UnsafeMutablePointer<Float>
  ) {
    compute.normalizeRow(
      x, weight: norm.weight, bias: norm.bias, eps: Float(config.normEpsilon), into: out)
  }

  func add(_ rows: TileRows, _ tiles: Range<Int>, _ panels: TilePanels) {
    kernels.add(
      rows, tiles: tiles.count, times: panels, to: x + tiles.lowerBound * 16 * xStride,
      stride: xStride)
  }

  func quantize(_ rows: TileRows, _ matrix: TileMatrix, count: Int, into out: TileRows) {
    if operand == .int8 {
      kernels.quantize(rows, count: count, columns: (matrix.inputs + 31) / 32 * 32, into: out)
    }
  }

  // MARK: Output

  /// The final norm of the rows that are read, from the aligned rows to the batch's own.
  private func normalizeOutput(all: Bool) {
    guard let read = batch.outputRows, !all else {
      for sequence in 0..<batch.sequenceCount {
        for row in batch.rows(of: sequence) { normalizeOutput(row, of: sequence) }
      }
      return
    }
    var sequence = 0
    for row in read {
      while row >= batch.sequenceOffsets[sequence + 1] { sequence += 1 }
      normalizeOutput(row, of: sequence)
    }
  }

  private func normalizeOutput(_ row: Int, of sequence: Int) {
    let position = row - batch.sequenceOffsets[sequence]
    let source = x + (firstRows[sequence] + position) * xStride
    if let norm = weights.finalNorm {
      normalizeRow(source, norm, into: output[row])
    } else {
      output[row].update(from: source, count: config.hiddenSize)
    }
  }
}
