// A layer by blocks of rows: each worker takes a block through everything between two projections.

internal import Kernels

/// Embeds a block of rows and projects it for layer 0.
private struct EmbedJob: PoolJob, @unchecked Sendable {
  let pass: UnsafePointer<TilePass>

  func run(_ task: Int, on worker: PoolWorker) {
    pass.pointee.embed(task, on: worker)
  }
}

/// Takes a block of rows from a layer's attention to the next layer's queries, keys and values.
private struct LayerJob: PoolJob, @unchecked Sendable {
  let pass: UnsafePointer<TilePass>
  let layer: Int

  func run(_ task: Int, on worker: PoolWorker) {
    pass.pointee.run(layer, task, on: worker)
  }
}

extension TilePass {
  func embedWide() {
    withUnsafePointer(to: self) { compute.pool.run(blocks.count, EmbedJob(pass: $0)) }
  }

  func wideLayer(_ layer: Int) {
    withUnsafePointer(to: self) {
      compute.pool.run(blocks(of: layer).count, LayerJob(pass: $0, layer: layer))
    }
  }

  fileprivate func embed(_ task: Int, on worker: PoolWorker) {
    let block = blocks[task]
    for query in block.queries { embed(queryBlocks[query]) }
    if !weights.layers.isEmpty { project(0, block, scratch.rows(of: worker.index)) }
  }

  fileprivate func run(_ layer: Int, _ task: Int, on worker: PoolWorker) {
    let block = blocks(of: layer)[task]
    let scratch = scratch.rows(of: worker.index)
    attend(layer, block, scratch)
    feedForward(layer, block, scratch)
    if layer + 1 < weights.layers.count { project(layer + 1, block, scratch) }
  }

  /// Queries, keys and values of `layer`.
  fileprivate func project(_ layer: Int, _ block: TileRowBlock, _ scratch: TileScratch.Rows) {
    let matrix = weights.layers[layer].Wqkv
    normalize(block.tiles, weights.layers[layer].attentionNorm, into: scratch.normed)
    kernels.project(
      scratch.normed, tiles: block.tiles, times: matrix.allPanels, into: heads(layer))
  }

  /// x += Wo attention.
  fileprivate func attend(_ index: Int, _ block: TileRowBlock, _ scratch: TileScratch.Rows) {
    let layer = weights.layers[index]
    // Head by head: its keys and values serve all queries of the block while they are near.
    for head in 0..<shape.headCount {
      for query in block.queries {
        let queries = queryBlocks[query]
        let rows = scratch.context.from(row: (queries.firstTile - block.tiles.lowerBound) * 16)
        kernels.attend(
          queries, head: head, heads: heads(index), window: window(index), into: rows)
      }
    }
    quantize(
      scratch.context, layer.attentionWo, count: block.rowCount, into: scratch.contextOperand)
    add(scratch.contextOperand, block.tiles, layer.attentionWo.allPanels.before(layer.Wi.allPanels))
  }

  /// x += Wo geglu(Wi LN x), or of gelu.
  fileprivate func feedForward(_ index: Int, _ block: TileRowBlock, _ scratch: TileScratch.Rows) {
    let layer = weights.layers[index]
    normalize(block.tiles, layer.mlpNorm, into: scratch.normed)
    expand(
      scratch.normed, tiles: block.tiles.count,
      times: layer.Wi.allPanels.before(layer.mlpWo.allPanels), into: scratch.gated)
    quantize(scratch.gated, layer.mlpWo, count: block.rowCount, into: scratch.gatedOperand)
    let next = index + 1 < weights.layers.count ? weights.layers[index + 1].Wqkv.allPanels : nil
    add(scratch.gatedOperand, block.tiles, layer.mlpWo.allPanels.before(next))
  }
}
