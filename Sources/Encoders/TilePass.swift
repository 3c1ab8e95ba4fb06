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
  let shape: TileShape
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
    _ batch: PackedBatch, _ workspace: borrowing TileWorkspace, shape: TileShape,
    weights: TileWeights, compute: Compute, kernels: TileKernels, rotary: ModernBERTRotary?
  ) {
    self.batch = batch
    plan = workspace.plan
    self.shape = shape
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
    let scale = 1 / Float(shape.headDimension).squareRoot()
    globalHeads = (
      workspace.evenHeads.heads(workspace.batch, rotary: rotary?[.global], scale: scale),
      workspace.oddHeads.heads(workspace.batch, rotary: rotary?[.global], scale: scale)
    )
    localHeads = (
      workspace.evenHeads.heads(workspace.batch, rotary: rotary?[.local], scale: scale),
      workspace.oddHeads.heads(workspace.batch, rotary: rotary?[.local], scale: scale)
    )
  }

  /// Final hidden states; with a tap, of all rows.
  func run(_ tap: Tap?) -> FloatRows {
    if plan.isNarrow { embedNarrow() } else { embedWide() }
    if let tap { report("embeddings", tap) }
    let last = weights.layers.count - 1
    for layer in weights.layers.indices {
      if plan.isNarrow { narrowLayer(layer) } else { wideLayer(layer) }
      if let tap, layer < last || shape.form == .preNorm { report("layers.\(layer).out", tap) }
    }
    normalizeOutput(all: tap != nil)
    switch shape.form {
    case .preNorm: tap?("final_norm", output)
    case .postNorm where last >= 0: tap?("layers.\(last).out", output)
    case .postNorm: break
    }
    return output
  }

  private func report(_ name: String, _ tap: Tap) {
    for sequence in 0..<batch.sequenceCount {
      for (position, row) in batch.rows(of: sequence).enumerated() {
        output[row].update(
          from: x + (firstRows[sequence] + position) * xStride, count: shape.hiddenSize)
      }
    }
    tap(name, output)
  }

  func heads(_ layer: Int) -> TileHeads {
    let pair = shape.layers[layer] == .global ? globalHeads : localHeads
    return layer.isMultiple(of: 2) ? pair.even : pair.odd
  }

  func window(_ layer: Int) -> Int? {
    shape.layers[layer] == .local ? shape.window : nil
  }

  /// The row blocks that `layer` computes.
  func blocks(of layer: Int) -> [TileRowBlock] {
    layer == weights.layers.count - 1 ? lastBlocks : blocks
  }

  // MARK: Steps on rows

  /// x = LN(embeddings) of the rows of one query block; rows behind a sequence become zeros.
  func embed(_ block: TileBatch.QueryBlock) {
    let out = x + block.firstTile * 16 * xStride
    let rows = block.tileCount * 16
    let live = min(rows, block.length - block.firstQuery)
    let first = batch.sequenceOffsets[block.sequence] + block.firstQuery
    weights.embeddings.sum(
      batch, tokens: first..<first + live, position: block.firstQuery, into: out, stride: xStride)
    let norm = weights.embeddings.norm
    for row in 0..<live { normalizeRow(out + row * xStride, norm, into: out + row * xStride) }
    (out + live * xStride).update(repeating: 0, count: (rows - live) * xStride)
  }

  /// The operand of a layer's next product: LN(x). Post-norm: x = LN(x) too.
  func normalize(_ tiles: Range<Int>, _ norm: NormWeights?, into rows: TileRows) {
    kernels.normalize(
      x + tiles.lowerBound * 16 * xStride, stride: xStride, count: tiles.count * 16,
      columns: shape.hiddenSize,
      TileKernels.Norm(
        weight: norm?.weight, bias: norm?.bias, epsilon: shape.normEpsilon),
      inPlace: shape.form == .postNorm, operand: operand, into: rows)
  }

  /// What the feed-forward part multiplies by its second weight: geglu or gelu of Wi's products.
  func expand(_ rows: TileRows, tiles: Int, times panels: TilePanels, into out: TileRows) {
    switch shape.form {
    case .preNorm: kernels.geglu(rows, tiles: tiles, times: panels, into: out)
    case .postNorm: kernels.gelu(rows, tiles: tiles, times: panels, into: out)
    }
  }

  private func normalizeRow(
    _ x: UnsafePointer<Float>, _ norm: NormWeights, into out: UnsafeMutablePointer<Float>
  ) {
    compute.normalizeRow(
      x, weight: norm.weight, bias: norm.bias, eps: shape.normEpsilon, into: out)
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

  /// The norm behind the last layer of the rows that are read, from the aligned rows to the batch's own.
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
      output[row].update(from: source, count: shape.hiddenSize)
    }
  }
}
