// The four products of every layer of a ModernBERT, on memory of their own.

import Kernels

/// Weights of formula, packed for tiles, and rows on both sides of their products.
struct LayerProducts: ~Copyable {
  private struct Layer {
    let Wqkv: TileMatrix
    let attentionWo: TileMatrix
    let Wi: TileMatrix
    let mlpWo: TileMatrix
  }

  private static let headDimension = 64
  private static let sequenceLength = 128

  /// Rows that one task takes: with K = 768 they fill 40% of a level-2 cache of 2 MB. Blocks of half the
  /// size read the weights twice as often: base, M = 512: 160 ms instead of 72.
  private static let blockRows = 512
  /// Tasks of a product for each thread, at least. More make the groups of panels small.
  private static let tasksPerThread = 2

  private let compute: Compute
  private let kernels: TileKernels
  private let hidden: Int
  private let intermediate: Int
  private let layers: [Layer]
  private let rotary: RotaryTable
  private var batch = TileBatch()
  private var headMemory: TileHeadMemory
  private var rows = 0
  private var operands: [Int: AlignedBytes] = [:]
  private var gatedMemory = AlignedBytes(count: 0)
  private var residual = AlignedFloats(count: 0)

  init(hidden: Int, intermediate: Int, layers: Int, compute: Compute) {
    guard let kernels = TileKernels(compute.kernels) else {
      fatalError("kernel set \(compute.kernels.name) has no tile kernels")
    }
    self.compute = compute
    self.kernels = kernels
    self.hidden = hidden
    self.intermediate = intermediate
    let heads = hidden / Self.headDimension
    headMemory = TileHeadMemory(headCount: heads, dimension: Self.headDimension)
    rotary = RotaryTable(
      positions: Self.sequenceLength, headDimension: Self.headDimension, theta: 10_000)
    let qkv = TileMatrix.headsOrder(
      headCount: heads, dimension: Self.headDimension, width: Self.headDimension)
    let plain = TileMatrix.plainOrder(outputs: hidden)
    let gated = TileMatrix.gatedOrder(outputs: 2 * intermediate)
    let arena = WeightArena()
    self.layers = (0..<layers).map { layer in
      func matrix(_ outputs: Int, _ inputs: Int, _ order: [Int]) -> TileMatrix {
        let weight = (0..<outputs * inputs).map {
          Self.element($0 / inputs, $0 % inputs, 7 + layer, 3 + layer)
        }
        return weight.withUnsafeBufferPointer {
          TileMatrix(
            $0, inputs: inputs, bias: nil, order: order, arena: arena, compute: compute)
        }
      }
      return Layer(
        Wqkv: matrix(3 * hidden, hidden, qkv), attentionWo: matrix(hidden, hidden, plain),
        Wi: matrix(2 * intermediate, hidden, gated),
        mlpWo: matrix(hidden, intermediate, plain))
    }
  }

  /// (row * across + column * along) % 251 / 125 - 1.
  private static func element(_ row: Int, _ column: Int, _ across: Int, _ along: Int) -> Float {
    Float((row * across + column * along) % 251) / 125 - 1
  }

  /// Makes the rows of A for both depths, and zeros to add to.
  mutating func prepare(rows: Int) {
    self.rows = rows
    let sequences = (rows + Self.sequenceLength - 1) / Self.sequenceLength
    batch.lay((0...sequences).map { min($0 * Self.sequenceLength, rows) })
    headMemory.prepare(batch)
    for depth in [hidden, intermediate] {
      let values = AlignedFloats(count: rows * depth)
      for row in 0..<rows {
        for column in 0..<depth {
          values.base[row * depth + column] = Self.element(row, column, 5, 11)
        }
      }
      operands[depth] = AlignedBytes(count: rows * Self.stride(depth))
      kernels.normalize(
        values.base, stride: depth, count: rows, columns: depth,
        TileKernels.Norm(weight: nil, bias: nil, epsilon: 0), operand: .bf16,
        into: operand(depth))
    }
    gatedMemory = AlignedBytes(count: rows * Self.stride(intermediate))
    residual = AlignedFloats(count: rows * hidden)
  }

  private static func stride(_ columns: Int) -> Int {
    TileOperand.bf16.rowStride(columns: columns)
  }

  private func operand(_ depth: Int) -> TileRows {
    guard let bytes = operands[depth] else { fatalError("prepare comes first") }
    return TileRows(bytes.base, stride: Self.stride(depth), scales: nil)
  }

  /// Row 0 of the last layer's last product.
  func lastRow() -> [Float] {
    guard let layer = layers.last else { return [] }
    residual.buffer.update(repeating: 0)
    add(operand(intermediate), layer.mlpWo)
    return Array(residual.buffer.prefix(hidden))
  }

  func pass() {
    let heads = headMemory.heads(batch, rotary: rotary, scale: 0.125)
    let (a, kernels) = (operand(hidden), kernels)
    let gated = TileRows(gatedMemory.base, stride: Self.stride(intermediate), scales: nil)
    for layer in layers {
      share(layer.Wqkv) { tiles, panels in
        kernels.project(
          a.from(row: tiles.lowerBound * 16), tiles: tiles, times: layer.Wqkv.panels(panels),
          into: heads)
      }
      add(a, layer.attentionWo)
      share(layer.Wi) { tiles, panels in
        let row = tiles.lowerBound * 16
        kernels.geglu(
          a.from(row: row), tiles: tiles.count, times: layer.Wi.panels(panels),
          into: gated.from(row: row))
      }
      add(operand(intermediate), layer.mlpWo)
    }
  }

  private func add(_ a: TileRows, _ matrix: TileMatrix) {
    nonisolated(unsafe) let x = residual.base
    let (kernels, hidden) = (kernels, hidden)
    share(matrix) { tiles, panels in
      let row = tiles.lowerBound * 16
      kernels.add(
        a.from(row: row), tiles: tiles.count, times: matrix.panels(panels),
        to: x + row * hidden, stride: hidden)
    }
  }

  /// Cuts a product into blocks of rows and, where those are few, groups of panels.
  private func share(_ matrix: TileMatrix, _ body: @Sendable (Range<Int>, Range<Int>) -> Void) {
    let tiles = rows / 16
    let blocks = (rows + Self.blockRows - 1) / Self.blockRows
    let wanted = (Self.tasksPerThread * compute.pool.threadCount + blocks - 1) / blocks
    let groups = max(1, min(matrix.panelCount, wanted))
    // Blocks begin on even tiles: two of them share a block of keys.
    @Sendable func tile(_ block: Int) -> Int { min(tiles, (block * tiles / blocks + 1) / 2 * 2) }
    compute.pool.run(blocks * groups) { task in
      let (block, group) = task.quotientAndRemainder(dividingBy: groups)
      let panels = matrix.panelCount
      body(
        tile(block)..<tile(block + 1),
        group * panels / groups..<(group + 1) * panels / groups)
    }
  }
}
