// What a pass on tiles knows of an encoder: its sizes, and the form its layers have.

/// The sizes of an encoder on tiles.
struct TileShape: Sendable {
  /// How a layer's norms and products follow each other.
  enum Form: Sendable {
    /// ModernBERT: x += Wo attention(LN x); x += Wo geglu(Wi LN x); behind the last layer LN x.
    case preNorm
    /// BERT: x = LN(x + Wo attention(x)); x = LN(x + Wo gelu(Wi x)).
    ///
    /// A norm belongs to who reads what it gives, as in the other form, but x goes on as it gives it: the
    /// norm at a layer's end is the next layer's first, that of the last layer is the final one.
    case postNorm
  }

  let form: Form
  let hiddenSize: Int
  let intermediateSize: Int
  let headCount: Int
  let normEpsilon: Float
  /// One element a layer.
  let layers: [ModernBERTConfig.LayerKind]
  /// Keys visible on each side in a local layer, inclusive.
  let window: Int

  var headDimension: Int { hiddenSize / headCount }
}

extension TileShape {
  init(_ config: ModernBERTConfig) {
    form = .preNorm
    hiddenSize = config.hiddenSize
    intermediateSize = config.intermediateSize
    headCount = config.headCount
    normEpsilon = Float(config.normEpsilon)
    layers = config.layers
    window = config.window
  }

  init(_ config: BERTConfig) {
    form = .postNorm
    hiddenSize = config.hiddenSize
    intermediateSize = config.intermediateSize
    headCount = config.headCount
    normEpsilon = Float(config.normEpsilon)
    layers = [ModernBERTConfig.LayerKind](repeating: .global, count: config.layerCount)
    window = 0
  }
}
