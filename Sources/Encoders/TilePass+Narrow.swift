// A layer by columns, for few rows: workers share the panels of every product, heads of the attention, or rows of
// what works on rows.

internal import Kernels

/// One step of a layer, cut into `parts` of `count` panels, heads or row tiles.
private struct StepJob: PoolJob {
  enum Step {
    case embed, attentionNorm, attention, quantizeContext, addContext, mlpNorm, gate, quantizeGated,
      addGated
  }

  let pass: TilePass
  let step: Step
  let layer: Int
  /// Rows that the steps behind the attention compute.
  let tiles: Range<Int>
  let count: Int
  let parts: Int

  func run(_ part: Int, on worker: PoolWorker) {
    pass.run(
      step, layer, tiles: tiles, part: count * part / parts..<count * (part + 1) / parts)
  }
}

extension TilePass {
  func embedNarrow() { share(.embed, 0, tiles: 0..<0, count: queryBlocks.count) }

  func narrowLayer(_ index: Int) {
    let layer = weights.layers[index]
    let tileCount = queryBlocks.last.map { $0.firstTile + $0.tileCount } ?? 0
    share(.attentionNorm, index, tiles: 0..<tileCount, count: tileCount)
    share(.attention, index, tiles: 0..<tileCount, count: config.headCount)
    for block in blocks(of: index) {
      let (tiles, rows) = (block.tiles, block.tiles.count)
      if operand == .int8 { share(.quantizeContext, index, tiles: tiles, count: rows) }
      share(.addContext, index, tiles: tiles, count: layer.attentionWo.panelCount)
      share(.mlpNorm, index, tiles: tiles, count: rows)
      share(.gate, index, tiles: tiles, count: layer.Wi.panelCount)
      if operand == .int8 { share(.quantizeGated, index, tiles: tiles, count: rows) }
      share(.addGated, index, tiles: tiles, count: layer.mlpWo.panelCount)
    }
  }

  /// Cuts a step into tasks for all workers: finer ones where a layer is large, so that a slow worker
  /// leaves some to the others.
  private func share(_ step: StepJob.Step, _ layer: Int, tiles: Range<Int>, count: Int) {
    let parts = min(count, (plan.streams ? 3 : 1) * compute.pool.threadCount)
    compute.pool.run(
      parts,
      StepJob(pass: self, step: step, layer: layer, tiles: tiles, count: count, parts: parts))
  }

  fileprivate func run(
    _ step: StepJob.Step, _ index: Int, tiles: Range<Int>, part: Range<Int>
  ) {
    if case .embed = step {
      for block in part { embed(queryBlocks[block]) }
      return
    }
    let layer = weights.layers[index]
    let all = scratch.rows(of: 0)
    // Of the steps that work on rows: the tiles of this part.
    let own = tiles.lowerBound + part.lowerBound..<tiles.lowerBound + part.upperBound
    let (first, ownFirst) = (tiles.lowerBound * 16, own.lowerBound * 16)
    switch step {
    case .embed: break
    case .attentionNorm:
      normalize(own, layer.attentionNorm, into: all.normed.from(row: ownFirst))
    case .attention:
      attendHeads(index, tiles: tiles, part)
    case .quantizeContext:
      quantize(
        all.context.from(row: ownFirst), layer.attentionWo, count: own.count * 16,
        into: all.contextOperand.from(row: ownFirst))
    case .addContext:
      add(all.contextOperand.from(row: first), tiles, layer.attentionWo, part)
    case .mlpNorm:
      normalize(own, layer.mlpNorm, into: all.normed.from(row: ownFirst))
    case .gate:
      kernels.geglu(
        all.normed.from(row: first), tiles: tiles.count, times: layer.Wi, panels: part,
        into: all.gated.from(row: first))
    case .quantizeGated:
      quantize(
        all.gated.from(row: ownFirst), layer.mlpWo, count: own.count * 16,
        into: all.gatedOperand.from(row: ownFirst))
    case .addGated:
      add(all.gatedOperand.from(row: first), tiles, layer.mlpWo, part)
    }
  }

  /// Projection and attention of some heads: nobody else needs what they project.
  private func attendHeads(_ index: Int, tiles: Range<Int>, _ range: Range<Int>) {
    let all = scratch.rows(of: 0)
    let matrix = weights.layers[index].Wqkv
    let perHead = matrix.panelCount / (3 * config.headCount)
    for part in 0..<3 {
      let first = part * config.headCount
      kernels.project(
        all.normed, tiles: tiles, times: matrix,
        panels: (first + range.lowerBound) * perHead..<(first + range.upperBound) * perHead,
        into: heads(index))
    }
    for head in range {
      for block in blocks(of: index) {
        for query in block.queries {
          kernels.attend(
            queryBlocks[query], head: head, heads: heads(index), window: window(index),
            into: all.context.from(row: queryBlocks[query].firstTile * 16))
        }
      }
    }
  }
}
