internal import Kernels

/// The memory of a pass on tiles. Grown to the largest batch seen, then reused.
struct TileWorkspace: ~Copyable {
  private let shape: TileShape
  let operand: TileOperand
  private(set) var batch = TileBatch()
  private(set) var plan = TilePlan(rows: 0, threads: 1, layerBytes: 0)
  private var residual = AlignedFloats(count: 0)
  private var output = AlignedFloats(count: 0)
  private(set) var scratch: TileScratch
  private(set) var blocks: [TileRowBlock] = []
  /// Those that hold rows that are read.
  private(set) var lastBlocks: [TileRowBlock] = []
  /// Two layers' queries, keys and values: while one is read, the next is written.
  private(set) var evenHeads: TileHeadMemory
  private(set) var oddHeads: TileHeadMemory

  init(_ shape: TileShape, operand: TileOperand) {
    self.shape = shape
    self.operand = operand
    scratch = TileScratch(capacity: 0, workers: 0, shape, operand)
    evenHeads = TileHeadMemory(headCount: shape.headCount, dimension: shape.headDimension)
    oddHeads = TileHeadMemory(headCount: shape.headCount, dimension: shape.headDimension)
  }

  /// Floats from one row of the residual stream to the next.
  var residualStride: Int { (shape.hiddenSize + 31) / 32 * 32 }

  /// Lays out a batch, cuts it and makes room for it.
  ///
  /// - Parameter layerBytes: the weights of one layer.
  mutating func prepare(_ packed: PackedBatch, threads: Int, layerBytes: Int) {
    batch.lay(packed.sequenceOffsets)
    plan = TilePlan(rows: batch.rowCount, threads: threads, layerBytes: layerBytes)
    let workers = plan.isNarrow ? 1 : threads
    cut(packed, mostRows: plan.blockRows)
    evenHeads.prepare(batch)
    oddHeads.prepare(batch)
    Self.grow(&residual, to: batch.rowCount * residualStride)
    Self.grow(&output, to: packed.tokenCount * shape.hiddenSize)
    if plan.blockRows > scratch.capacity || workers > scratch.workers {
      scratch = TileScratch(
        capacity: max(plan.blockRows, scratch.capacity), workers: max(workers, scratch.workers),
        shape, operand)
    }
  }

  private mutating func cut(_ packed: PackedBatch, mostRows: Int) {
    blocks.removeAll(keepingCapacity: true)
    lastBlocks.removeAll(keepingCapacity: true)
    let offsets = packed.sequenceOffsets
    var next = 0
    for (index, block) in batch.queryBlocks.enumerated() {
      blocks.append(block, at: index, mostRows: mostRows)
      guard let read = packed.outputRows else { continue }
      let first = offsets[block.sequence] + block.firstQuery
      let end = min(first + TileBatch.blockRows, offsets[block.sequence + 1])
      while next < read.count, read[next] < first { next += 1 }
      if next < read.count, read[next] < end {
        lastBlocks.append(block, at: index, mostRows: mostRows)
      }
    }
  }

  /// The residual stream, `[rows, residualStride]`.
  var x: UnsafeMutablePointer<Float> { residual.base }

  /// Final hidden states, `[tokens, hidden]`.
  func output(_ tokens: Int) -> FloatRows {
    FloatRows(output, count: tokens, columns: shape.hiddenSize)
  }

  private static func grow(_ floats: inout AlignedFloats, to count: Int) {
    if floats.count < count { floats = AlignedFloats(count: count) }
  }
}
