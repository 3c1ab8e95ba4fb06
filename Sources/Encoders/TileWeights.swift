// The tensors of an encoder, packed for the tile unit as they are read.

internal import Kernels
internal import Safetensors

/// Everything a forward pass on tiles reads. Immutable, shared between passes.
struct TileWeights: Sendable {
  /// A class, as `TileMatrix` is: threads take one at a time, and count one.
  final class Layer: Sendable {
    /// Of the rows the attention reads; nil in layer 0, which reads the normalised embeddings as they
    /// are. Post-norm: what a checkpoint has at the end of the layer before.
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

  let embeddings: any TileEmbeddings
  let layers: [Layer]
  /// Of the rows that leave the last layer; nil where a pass ends before it.
  let finalNorm: NormWeights?

  var byteCount: Int {
    embeddings.byteCount + layers.count * layerBytes
  }

  /// Bytes of one layer's matrices.
  var layerBytes: Int { layers.first?.byteCount ?? 0 }
}

extension TileWeights {
  init(
    _ config: ModernBERTConfig, _ scope: TensorScope, segmentEmbeddings: [Float]?,
    _ compute: Compute
  ) throws(SafetensorsError) {
    let arena = WeightArena()
    var packer = WeightPacker(compute: compute, arena: arena)
    embeddings = try EmbeddingWeights(
      config, scope, segmentEmbeddings: segmentEmbeddings, &packer)
    var reader = TileMatrixReader(arena: arena, compute: compute)
    var layers: [Layer] = []
    for index in config.computedLayers {
      layers.append(try Layer(index, config, scope.scoped("layers.\(index)"), &reader))
    }
    self.layers = layers
    finalNorm = try config.finalNorm(in: scope)
  }

  init(
    _ config: BERTConfig, _ scope: TensorScope, segmentEmbeddings: [Float]?, _ compute: Compute
  ) throws(SafetensorsError) {
    let arena = WeightArena()
    var tables = MatrixReader(compute: compute, arena: arena)
    embeddings = try PostNormEmbeddings(
      config.embeddings, in: scope.scoped("embeddings"), segments: segmentEmbeddings,
      normWidth: config.hiddenSize, &tables)
    var reader = TileMatrixReader(arena: arena, compute: compute)
    var layers: [Layer] = []
    var endNorm: NormWeights?
    for index in config.computedLayers {
      let layer = scope.scoped("encoder.layer.\(index)")
      layers.append(try Layer(config, layer, behind: endNorm, &reader))
      endNorm = try NormWeights(
        "output.LayerNorm", in: layer, size: config.hiddenSize, hasBias: true)
    }
    self.layers = layers
    finalNorm = endNorm
    config.ignoreUnread(in: scope)
  }
}

extension TileWeights.Layer {
  fileprivate convenience init(
    _ index: Int, _ config: ModernBERTConfig, _ scope: TensorScope,
    _ reader: inout TileMatrixReader
  ) throws(SafetensorsError) {
    let (hidden, inner) = (config.hiddenSize, config.intermediateSize)
    let (heads, dimension) = (config.headCount, config.headDimension)
    let width = TileMatrix.headWidth(dimension: dimension)
    let hasBias = config.hasNormBias
    let norm = { (name: String) throws(SafetensorsError) in
      try NormWeights(name, in: scope, size: hidden, hasBias: hasBias)
    }
    self.init(
      attentionNorm: index == 0 ? nil : try norm("attn_norm"),
      Wqkv: try reader.matrix(
        "attn.Wqkv", in: scope, outputs: 3 * hidden, inputs: hidden,
        hasBias: config.hasAttentionBias,
        order: TileMatrix.headsOrder(headCount: heads, dimension: dimension, width: width)),
      attentionWo: try reader.contextMatrix(
        "attn.Wo", in: scope, hidden: hidden, dimension: dimension,
        hasBias: config.hasAttentionBias),
      mlpNorm: try norm("mlp_norm"),
      Wi: try reader.matrix(
        "mlp.Wi", in: scope, outputs: 2 * inner, inputs: hidden, hasBias: config.hasMLPBias,
        order: TileMatrix.gatedOrder(outputs: 2 * inner)),
      mlpWo: try reader.matrix(
        "mlp.Wo", in: scope, outputs: hidden, inputs: inner, hasBias: config.hasMLPBias,
        order: TileMatrix.plainOrder(outputs: hidden)))
  }

  /// - Parameter norm: at the end of the layer before.
  fileprivate convenience init(
    _ config: BERTConfig, _ scope: TensorScope, behind norm: NormWeights?,
    _ reader: inout TileMatrixReader
  ) throws(SafetensorsError) {
    let (hidden, inner) = (config.hiddenSize, config.intermediateSize)
    let dimension = config.headDimension
    let (attention, names) = (scope.scoped("attention"), PostNormLayer.Names.bert)
    self.init(
      attentionNorm: norm,
      Wqkv: try reader.stacked(
        [names.query, names.key, names.value], in: attention.scoped("self"), outputs: hidden,
        inputs: hidden,
        order: TileMatrix.headsOrder(
          headCount: config.headCount, dimension: dimension,
          width: TileMatrix.headWidth(dimension: dimension), rotated: false)),
      attentionWo: try reader.contextMatrix(
        "output.dense", in: attention, hidden: hidden, dimension: dimension, hasBias: true),
      mlpNorm: try NormWeights("output.LayerNorm", in: attention, size: hidden, hasBias: true),
      Wi: try reader.matrix(
        "intermediate.dense", in: scope, outputs: inner, inputs: hidden, hasBias: true,
        order: TileMatrix.plainOrder(outputs: inner)),
      mlpWo: try reader.matrix(
        "output.dense", in: scope, outputs: hidden, inputs: inner, hasBias: true,
        order: TileMatrix.plainOrder(outputs: hidden)))
  }
}
