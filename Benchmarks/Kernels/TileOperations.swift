// The operations of the tile kernels, bf16 and int8, cut into tasks as a pass on tiles cuts them.

import Kernels

/// Rows of one sequence with every operand and result a tile operation has: made once for a number of rows.
private final class TileRowsFixture {
  let rowCount: Int
  let tiles: Int
  let queryBlocks: [TileBatch.QueryBlock]
  let heads: TileHeads
  let residual: FloatRows
  private let batch: BatchBox
  private let rotary: RotaryTable
  private let memory: HeadMemoryBox

  /// Noncopyable values that live as long as the fixture.
  private final class BatchBox {
    var value = TileBatch()
  }
  private final class HeadMemoryBox {
    var value: TileHeadMemory
    init(_ value: consuming TileHeadMemory) { self.value = value }
  }

  init(_ rows: Int, _ context: OperationContext) {
    let geometry = context.geometry
    let dimension = geometry.hidden / geometry.headCount
    let batch = BatchBox()
    batch.value.lay([0, rows])
    let memory = HeadMemoryBox(
      TileHeadMemory(headCount: geometry.headCount, dimension: dimension))
    memory.value.prepare(batch.value)
    rotary = RotaryTable(positions: batch.value.rowCount, headDimension: dimension, theta: 160_000)
    heads = memory.value.heads(
      batch.value, rotary: rotary, scale: 1 / Float(dimension).squareRoot())
    rowCount = batch.value.rowCount
    tiles = batch.value.tileCount
    queryBlocks = batch.value.queryBlocks
    residual = context.rows(rowCount, (geometry.hidden + 31) / 32 * 32)
    self.batch = batch
    self.memory = memory
  }
}

/// Rows of an operand, zeroed, that hold on to their memory.
private struct OperandRows: @unchecked Sendable {
  let rows: TileRows
  private let bytes: AlignedBytes
  private let scales: AlignedFloats?

  init(_ count: Int, columns: Int, _ operand: TileOperand) {
    let stride = operand.rowStride(columns: columns)
    bytes = AlignedBytes(count: count * stride)
    scales = operand == .int8 ? AlignedFloats(count: count) : nil
    rows = TileRows(bytes.base, stride: stride, scales: scales?.base)
  }
}

extension Compute {
  fileprivate var operand: TileOperand { precision == .int8 ? .int8 : .bf16 }

  /// Few rows: threads share `parts` (panels or heads). Many: they claim blocks of at most 256 rows.
  fileprivate func cut(
    tiles: Int, parts: Int, _ body: @Sendable (_ tiles: Range<Int>, _ parts: Range<Int>) -> Void
  ) {
    let threads = pool.threadCount
    if tiles <= 16 {
      let count = min(parts, threads)
      pool.run(count) { part in
        body(0..<tiles, parts * part / count..<parts * (part + 1) / count)
      }
      return
    }
    let blockTiles = max(4, min(16, (tiles / (2 * threads) + 1) / 2 * 2))
    pool.run((tiles + blockTiles - 1) / blockTiles) { block in
      body(block * blockTiles..<min(tiles, (block + 1) * blockTiles), 0..<parts)
    }
  }
}

extension Operation {
  static func tiles(_ kernels: TileKernels) -> [Operation] {
    [
      tileProjection(kernels),
      tileProduct("attention-out", { ($0.hidden, $0.hidden) }, kernels),
      tileGated(kernels),
      tileProduct("mlp-out", { ($0.wide, $0.hidden) }, kernels),
      tileNorm(kernels),
      tileAttention("attention-global", window: nil, kernels),
      tileAttention("attention-local", window: 64, kernels),
    ]
  }

  private static func weights(
    _ context: OperationContext, inputs: Int, outputs: Int, order: [Int]
  ) -> [TileMatrix] {
    let values = context.rows(outputs, inputs)
    let (compute, arena) = (context.compute, WeightArena())
    return (0..<context.cycle).map { _ in
      guard compute.precision == .int8 else {
        return TileMatrix(
          UnsafeBufferPointer(start: values.base, count: outputs * inputs), inputs: inputs,
          bias: nil, order: order, arena: arena, compute: compute)
      }
      return quantized(values, compute) {
        TileMatrix($0, inputs: inputs, bias: nil, order: order, arena: arena, compute: compute)
      }
    }
  }

  private static func workload(
    _ rows: Int, inputs: Int, outputs: Int, results: Int, _ weight: TileMatrix,
    _ run: @escaping (Int) -> Void
  ) -> Workload {
    Workload(
      operations: 2 * Double(rows) * Double(outputs) * Double(inputs),
      byteCount: Double(weight.byteCount) + Double(rows * inputs * weight.operand.byteCount)
        + Double(rows * results), run: run)
  }

  /// x += A B
  private static func tileProduct(
    _ name: String, _ size: @escaping (Geometry) -> (inputs: Int, outputs: Int),
    _ kernels: TileKernels
  ) -> Operation {
    Operation(name: name) { context in
      let compute = context.compute
      let (inputs, outputs) = size(context.geometry)
      let weights = weights(
        context, inputs: inputs, outputs: outputs, order: TileMatrix.plainOrder(outputs: outputs))
      return { rows in
        let fixture = TileRowsFixture(rows, context)
        let a = OperandRows(fixture.rowCount, columns: inputs, compute.operand)
        let x = fixture.residual
        return workload(
          rows, inputs: inputs, outputs: outputs, results: 8 * outputs, weights[0]
        ) { turn in
          let weight = weights[turn % weights.count]
          compute.cut(tiles: fixture.tiles, parts: weight.panelCount) { tiles, panels in
            let first = tiles.lowerBound * TileBatch.tileRows
            kernels.add(
              a.rows.from(row: first), tiles: tiles.count, times: weight.panels(panels),
              to: x[first], stride: x.stride)
          }
        }
      }
    }
  }

  /// out = gelu(inputs) * gates of A B, as bf16
  private static func tileGated(_ kernels: TileKernels) -> Operation {
    Operation(name: "mlp-in-geglu") { context in
      let compute = context.compute
      let (inputs, outputs) = (context.geometry.hidden, 2 * context.geometry.wide)
      let weights = weights(
        context, inputs: inputs, outputs: outputs, order: TileMatrix.gatedOrder(outputs: outputs))
      return { rows in
        let fixture = TileRowsFixture(rows, context)
        let a = OperandRows(fixture.rowCount, columns: inputs, compute.operand)
        let out = OperandRows(fixture.rowCount, columns: outputs / 2, .bf16)
        return workload(
          rows, inputs: inputs, outputs: outputs, results: outputs, weights[0]
        ) { turn in
          let weight = weights[turn % weights.count]
          compute.cut(tiles: fixture.tiles, parts: weight.panelCount) { tiles, panels in
            let first = tiles.lowerBound * TileBatch.tileRows
            kernels.geglu(
              a.rows.from(row: first), tiles: tiles.count, times: weight.panels(panels),
              into: out.rows.from(row: first))
          }
        }
      }
    }
  }

  /// Queries, keys and values of A B, rotated, as attention reads them
  private static func tileProjection(_ kernels: TileKernels) -> Operation {
    Operation(name: "qkv") { context in
      let (compute, geometry) = (context.compute, context.geometry)
      let dimension = geometry.hidden / geometry.headCount
      let width = TileMatrix.headWidth(dimension: dimension)
      let (inputs, outputs) = (geometry.hidden, 3 * geometry.hidden)
      let weights = weights(
        context, inputs: inputs, outputs: outputs,
        order: TileMatrix.headsOrder(
          headCount: geometry.headCount, dimension: dimension, width: width))
      return { rows in
        let fixture = TileRowsFixture(rows, context)
        let a = OperandRows(fixture.rowCount, columns: inputs, compute.operand)
        let heads = fixture.heads
        return workload(
          rows, inputs: inputs, outputs: outputs, results: 2 * outputs, weights[0]
        ) { turn in
          let weight = weights[turn % weights.count]
          compute.cut(tiles: fixture.tiles, parts: weight.panelCount) { tiles, panels in
            kernels.project(
              a.rows.from(row: tiles.lowerBound * TileBatch.tileRows), tiles: tiles,
              times: weight.panels(panels), into: heads)
          }
          withExtendedLifetime(fixture) {}
        }
      }
    }
  }

  /// LN(x) as an operand
  private static func tileNorm(_ kernels: TileKernels) -> Operation {
    Operation(name: "norm") { context in
      let (compute, hidden) = (context.compute, context.geometry.hidden)
      let ones = AlignedFloats(count: hidden)
      ones.base.update(repeating: 1, count: hidden)
      nonisolated(unsafe) let norm = TileKernels.Norm(weight: ones, bias: nil, epsilon: 1e-5)
      return { rows in
        let fixture = TileRowsFixture(rows, context)
        let out = OperandRows(fixture.rowCount, columns: hidden, compute.operand)
        let x = fixture.residual
        return Workload(
          operations: 0, byteCount: Double(rows * hidden * (4 + compute.operand.byteCount))
        ) { _ in
          compute.pool.run((fixture.tiles + 1) / 2) { pair in
            let first = 2 * pair * TileBatch.tileRows
            kernels.normalize(
              x[first], stride: x.stride, count: min(32, x.count - first), columns: hidden, norm,
              operand: compute.operand, into: out.rows.from(row: first))
          }
          withExtendedLifetime(ones) {}
        }
      }
    }
  }

  /// One sequence of all rows, every head
  private static func tileAttention(
    _ name: String, window: Int?, _ kernels: TileKernels
  ) -> Operation {
    Operation(name: name) { context in
      let (compute, geometry) = (context.compute, context.geometry)
      return { rows in
        let fixture = TileRowsFixture(rows, context)
        let width = TileMatrix.headWidth(dimension: geometry.hidden / geometry.headCount)
        let out = OperandRows(fixture.rowCount, columns: geometry.headCount * width, .bf16)
        let (blocks, heads) = (fixture.queryBlocks, fixture.heads)
        return Workload(
          operations: attentionOperations(rows, window, geometry),
          byteCount: 8 * Double(rows * geometry.hidden)
        ) { _ in
          compute.pool.run(blocks.count) { index in
            let block = blocks[index]
            for head in 0..<geometry.headCount {
              kernels.attend(
                block, head: head, heads: heads, window: window,
                into: out.rows.from(row: block.firstTile * TileBatch.tileRows))
            }
          }
          withExtendedLifetime(fixture) {}
        }
      }
    }
  }
}
