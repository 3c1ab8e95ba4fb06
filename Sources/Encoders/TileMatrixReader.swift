// Reads the weights of linear layers and packs them for the tile unit.

internal import Kernels
internal import Safetensors

/// Reads one matrix at a time into a buffer that all of them share.
struct TileMatrixReader: ~Copyable {
  let arena: WeightArena
  let compute: Compute
  private var reader: LinearReader

  init(arena: WeightArena, compute: Compute) {
    self.arena = arena
    self.compute = compute
    reader = LinearReader(compute)
  }

  /// The layer `name`, its columns in `order`.
  ///
  /// - Parameter spreading: inputs come in groups of `dimension`, each padded to `width` with zeros.
  mutating func matrix(
    _ name: String, in scope: TensorScope, outputs: Int, inputs: Int, hasBias: Bool, order: [Int],
    spreading: (dimension: Int, width: Int)? = nil
  ) throws(SafetensorsError) -> TileMatrix {
    let bias = hasBias ? try scope.floats("\(name).bias", shape: [outputs]) : nil
    let (compute, arena) = (compute, arena)
    let groups = outputs * inputs / (spreading?.dimension ?? inputs)
    let wide = inputs / (spreading?.dimension ?? inputs) * (spreading?.width ?? inputs)
    return try reader.read(name, in: scope, outputs: outputs, inputs: inputs) { weight in
      switch weight {
      case .floats(let values):
        Self.spread(values, groups, spreading?.width) {
          TileMatrix($0, inputs: wide, bias: bias, order: order, arena: arena, compute: compute)
        }
      case .integers(let weight):
        Self.spread(weight.bytes, groups, spreading?.width) {
          TileMatrix(
            IntegerWeight(bytes: $0, scales: weight.scales), inputs: wide, bias: bias,
            order: order, arena: arena, compute: compute)
        }
      }
    }
  }

  /// The attention's context times its last projection: heads of `dimension` lie in padded columns.
  mutating func contextMatrix(
    _ name: String, in scope: TensorScope, hidden: Int, dimension: Int, hasBias: Bool
  ) throws(SafetensorsError) -> TileMatrix {
    let width = TileMatrix.headWidth(dimension: dimension)
    return try matrix(
      name, in: scope, outputs: hidden, inputs: hidden, hasBias: hasBias,
      order: TileMatrix.plainOrder(outputs: hidden),
      spreading: dimension == width ? nil : (dimension, width))
  }

  /// The layers `names`, each of `outputs` with a bias, one below the other as one matrix.
  mutating func stacked(
    _ names: [String], in scope: TensorScope, outputs: Int, inputs: Int, order: [Int]
  ) throws(SafetensorsError) -> TileMatrix {
    var bias: [Float] = []
    var (floats, bytes, scales): ([Float], [Int8], [Float]) = ([], [], [])
    for name in names {
      bias += try scope.floats("\(name).bias", shape: [outputs])
      try reader.read(name, in: scope, outputs: outputs, inputs: inputs) { weight in
        switch weight {
        case .floats(let values): floats += values
        case .integers(let weight):
          bytes += weight.bytes
          scales += weight.scales
        }
      }
    }
    guard compute.precision == .int8 else {
      return floats.withUnsafeBufferPointer {
        TileMatrix($0, inputs: inputs, bias: bias, order: order, arena: arena, compute: compute)
      }
    }
    return bytes.withUnsafeBufferPointer {
      TileMatrix(
        IntegerWeight(bytes: $0, scales: scales), inputs: inputs, bias: bias, order: order,
        arena: arena, compute: compute)
    }
  }

  /// Hands `body` the values with every group padded to `width` by zeros; as they are without one.
  private static func spread<Value: Numeric>(
    _ values: UnsafeBufferPointer<Value>, _ groups: Int, _ width: Int?,
    _ body: (UnsafeBufferPointer<Value>) -> TileMatrix
  ) -> TileMatrix {
    guard let width else { return body(values) }
    let dimension = values.count / groups
    var spread = [Value](repeating: 0, count: groups * width)
    for group in 0..<groups {
      for index in 0..<dimension {
        spread[group * width + index] = values[group * dimension + index]
      }
    }
    return spread.withUnsafeBufferPointer(body)
  }
}
