// The tensors of a ModernBERT encoder, packed for the tile unit as they are read.

internal import Kernels
internal import Safetensors

/// Everything a forward pass on tiles reads. Immutable, shared between passes.
struct TileWeights: Sendable {
  /// A class, as `TileMatrix` is: threads take one at a time, and count one.
  final class Layer: Sendable {
    /// nil in layer 0, which reads the normalised embeddings as they are.
    let attentionNorm: NormWeights?
    let Wqkv: TileMatrix
    let attentionWo: TileMatrix
    let mlpNorm: NormWeights
    let Wi: TileMatrix
    let mlpWo: TileMatrix

    init(
      attentionNorm: NormWeights?, Wqkv: TileMatrix, attentionWo: TileMatrix,
      mlpNorm: NormWeights, Wi: TileMatrix, mlpWo: TileMatrix
    ) {
      self.attentionNorm = attentionNorm
      self.Wqkv = Wqkv
      self.attentionWo = attentionWo
      self.mlpNorm = mlpNorm
      self.Wi = Wi
      self.mlpWo = mlpWo
    }

    var byteCount: Int {
      Wqkv.byteCount + attentionWo.byteCount + Wi.byteCount + mlpWo.byteCount
    }
  }

  let embeddings: EmbeddingWeights
  let layers: [Layer]
  /// nil where a pass ends before it.
  let finalNorm: NormWeights?

  init(
    _ config: ModernBERTConfig, _ scope: TensorScope, segmentEmbeddings: [Float]?,
    _ compute: Compute
  ) throws(SafetensorsError) {
    let arena = WeightArena()
    var packer = WeightPacker(compute: compute, arena: arena)
    embeddings = try EmbeddingWeights(
      config, scope, segmentEmbeddings: segmentEmbeddings, &packer)
    var reader = TileMatrixReader(config: config, arena: arena, compute: compute)
    var layers: [Layer] = []
    for index in config.computedLayers {
      layers.append(try reader.layer(index, scope.scoped("layers.\(index)")))
    }
    self.layers = layers
    finalNorm = try config.finalNorm(in: scope)
  }

  var byteCount: Int {
    embeddings.byteCount + layers.count * layerBytes
  }

  /// Bytes of one layer's matrices.
  var layerBytes: Int { layers.first?.byteCount ?? 0 }
}

/// Reads one matrix at a time into a buffer that all of them share.
private struct TileMatrixReader: ~Copyable {
  let config: ModernBERTConfig
  let arena: WeightArena
  let compute: Compute
  private var reader: LinearReader

  init(config: ModernBERTConfig, arena: WeightArena, compute: Compute) {
    self.config = config
    self.arena = arena
    self.compute = compute
    reader = LinearReader(compute)
  }

  mutating func layer(
    _ index: Int, _ scope: TensorScope
  ) throws(SafetensorsError) -> TileWeights.Layer {
    let (hidden, inner) = (config.hiddenSize, config.intermediateSize)
    let (heads, dimension) = (config.headCount, config.headDimension)
    let width = TileMatrix.headWidth(dimension: dimension)
    let hasBias = config.hasNormBias
    let norm = { (name: String) throws(SafetensorsError) in
      try NormWeights(name, in: scope, size: hidden, hasBias: hasBias)
    }
    return TileWeights.Layer(
      attentionNorm: index == 0 ? nil : try norm("attn_norm"),
      Wqkv: try matrix(
        "attn.Wqkv", in: scope, outputs: 3 * hidden, inputs: hidden,
        hasBias: config.hasAttentionBias,
        order: TileMatrix.headsOrder(headCount: heads, dimension: dimension, width: width)),
      attentionWo: try matrix(
        "attn.Wo", in: scope, outputs: hidden, inputs: hidden, hasBias: config.hasAttentionBias,
        order: TileMatrix.plainOrder(outputs: hidden),
        spreading: dimension == width ? nil : (dimension, width)),
      mlpNorm: try norm("mlp_norm"),
      Wi: try matrix(
        "mlp.Wi", in: scope, outputs: 2 * inner, inputs: hidden, hasBias: config.hasMLPBias,
        order: TileMatrix.gatedOrder(outputs: 2 * inner)),
      mlpWo: try matrix(
        "mlp.Wo", in: scope, outputs: hidden, inputs: inner, hasBias: config.hasMLPBias,
        order: TileMatrix.plainOrder(outputs: hidden)))
  }

  /// - Parameter spreading: inputs come in groups of `dimension`, each padded to `width` with zeros.
  private mutating func matrix(
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
