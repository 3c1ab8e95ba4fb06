// A layer by columns, for few rows: workers share the panels of every product, heads of the attention, or rows of
// what works on rows.

internal import Kernels

/// One step of a layer, cut into `parts` of `count` panels, heads or row tiles.
private struct StepJob: PoolJob, @unchecked Sendable {
  enum Step {
    case embed, attentionNorm, attention, quantizeContext, addContext, mlpNorm, gate, quantizeGated,
      addGated
  }

  let pass: UnsafePointer<TilePass>
  let step: Step
  let layer: Int
  /// Rows that the steps behind the attention compute.
  let tiles: Range<Int>
  let count: Int
  let parts: Int

  func run(_ part: Int, on worker: PoolWorker) {
    pass.pointee.run(self, part)
  }

  /// The `part`th of `parts` neighbouring pieces of `count` panels, heads or row tiles.
  func slice(_ part: Int, of count: Int) -> Range<Int> {
    count * part / parts..<count * (part + 1) / parts
  }
}

extension TilePass {
  private var tileCount: Int { queryBlocks.last.map { $0.firstTile + $0.tileCount } ?? 0 }

  /// Embeds all rows and makes them layer 0's operand.
  func embedNarrow() {
    share(.embed, 0, tiles: 0..<0, count: queryBlocks.count)
    normalizeAttention(0)
  }

  /// Takes the operand that layer `index` attends with to the next layer's.
  func narrowLayer(_ index: Int) {
    let layer = weights.layers[index]
    share(.attention, index, tiles: 0..<tileCount, count: shape.headCount)
    for block in blocks(of: index) {
      let (tiles, rows) = (block.tiles, block.tiles.count)
      if operand == .int8 { share(.quantizeContext, index, tiles: tiles, count: rows) }
      share(.addContext, index, tiles: tiles, count: layer.attentionWo.panelCount)
      share(.mlpNorm, index, tiles: tiles, count: rows)
      share(.gate, index, tiles: tiles, count: layer.Wi.panelCount)
      if operand == .int8 { share(.quantizeGated, index, tiles: tiles, count: rows) }
      share(.addGated, index, tiles: tiles, count: layer.mlpWo.panelCount)
    }
    normalizeAttention(index + 1)
  }

  private func normalizeAttention(_ layer: Int) {
    guard layer < weights.layers.count else { return }
    share(.attentionNorm, layer, tiles: 0..<tileCount, count: tileCount)
  }

  /// Cuts a step into tasks for all workers: finer ones where a layer is large, so that a slow worker
  /// leaves some to the others.
  private func share(_ step: StepJob.Step, _ layer: Int, tiles: Range<Int>, count: Int) {
    let parts = min(count, (plan.streams ? 3 : 1) * compute.pool.threadCount)
    withUnsafePointer(to: self) {
      compute.pool.run(
        parts,
        StepJob(pass: $0, step: step, layer: layer, tiles: tiles, count: count, parts: parts))
    }
  }

  fileprivate func run(_ job: StepJob, _ part: Int) {
    let (tiles, slice) = (job.tiles, job.slice(part, of: job.count))
    if case .embed = job.step {
      for block in slice { embed(queryBlocks[block]) }
      return
    }
    let layer = weights.layers[job.layer]
    let all = scratch.rows(of: 0)
    // Of the steps that work on rows: the tiles of this part.
    let own = tiles.lowerBound + slice.lowerBound..<tiles.lowerBound + slice.upperBound
    let (first, ownFirst) = (tiles.lowerBound * 16, own.lowerBound * 16)
    switch job.step {
    case .embed: break
    case .attentionNorm:
      normalize(own, layer.attentionNorm, into: all.normed.from(row: ownFirst))
    case .attention:
      attendHeads(job, part)
    case .quantizeContext:
      quantize(
        all.context.from(row: ownFirst), layer.attentionWo, count: own.count * 16,
        into: all.contextOperand.from(row: ownFirst))
    case .addContext:
      add(
        all.contextOperand.from(row: first), tiles,
        panels(job, part, layer.attentionWo, before: layer.Wi))
    case .mlpNorm:
      normalize(own, layer.mlpNorm, into: all.normed.from(row: ownFirst))
    case .gate:
      expand(
        all.normed.from(row: first), tiles: tiles.count,
        times: panels(job, part, layer.Wi, before: layer.mlpWo),
        into: all.gated.from(row: first))
    case .quantizeGated:
      quantize(
        all.gated.from(row: ownFirst), layer.mlpWo, count: own.count * 16,
        into: all.gatedOperand.from(row: ownFirst))
    case .addGated:
      let next = job.layer + 1 < weights.layers.count ? weights.layers[job.layer + 1].Wqkv : nil
      add(all.gatedOperand.from(row: first), tiles, panels(job, part, layer.mlpWo, before: next))
    }
  }

  /// The panels of `part`, before those that its worker is likely to multiply by next.
  private func panels(
    _ job: StepJob, _ part: Int, _ matrix: TileMatrix, before next: TileMatrix?
  ) -> TilePanels {
    let own = matrix.panels(job.slice(part, of: matrix.panelCount))
    let following = part + compute.pool.threadCount
    if following < job.parts {
      return own.before(matrix.panels(job.slice(following, of: matrix.panelCount)))
    }
    return own.before(
      next.map { $0.panels(job.slice(following - job.parts, of: $0.panelCount)) })
  }

  /// Projection and attention of some heads: nobody else needs what they project.
  private func attendHeads(_ job: StepJob, _ part: Int) {
    let (index, range) = (job.layer, job.slice(part, of: job.count))
    let all = scratch.rows(of: 0)
    let layer = weights.layers[index]
    let perHead = layer.Wqkv.panelCount / (3 * shape.headCount)
    func panels(_ kind: Int) -> TilePanels {
      let first = kind * shape.headCount
      return layer.Wqkv.panels(
        (first + range.lowerBound) * perHead..<(first + range.upperBound) * perHead)
    }
    let context = layer.attentionWo.panels(job.slice(part, of: layer.attentionWo.panelCount))
    for kind in 0..<3 {
      let next = kind < 2 ? panels(kind + 1) : context
      kernels.project(
        all.normed, tiles: job.tiles, times: panels(kind).before(next), into: heads(index))
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
