// The operations a forward pass cannot do without, a multiplication and an addition counting two:
// linear layers, attention over the keys a query may see, relative positions once a bucket. Padding,
// masked scores, norms, softmax and activations do not count. tools/peers counts the same.

package import Encoders
internal import Kernels

/// Operations of a whole forward pass, every row of every layer.
package enum UsefulOperations {
  package static func count(_ config: EncoderConfig, sequences: Int, tokens: Int) -> Double {
    switch config {
    case .modernBERT(let config):
      let hidden = Double(config.hiddenSize)
      let wide = Double(config.intermediateSize)
      let linear = 2 * Double(tokens) * (4 * hidden * hidden + 3 * hidden * wide)
      let all = Double(tokens) * Double(tokens)
      let band = Double(visibleKeys(tokens: tokens, window: config.window))
      let layers = config.layers.reduce(0.0) { sum, kind in
        sum + linear + 4 * (kind == .global ? all : band) * hidden
      }
      return Double(sequences) * layers
    case .deBERTa(let config):
      let hidden = Double(config.hiddenSize)
      // Every query, and every key, with the buckets that its sequence reaches.
      let buckets = Double(min(2 * (config.relative?.rule.span ?? 0), 2 * tokens - 1))
      let terms = (config.scoresQueries ? 1.0 : 0) + (config.scoresKeys ? 1.0 : 0)
      let scores = 2 * Double(tokens) + terms * buckets
      let attention = 2 * Double(tokens) * scores * hidden
      return Double(sequences * config.layerCount)
        * (linear(hidden, config.intermediateSize, tokens) + attention)
    case .bert(let config):
      let hidden = Double(config.hiddenSize)
      let attention = 4 * Double(tokens) * Double(tokens) * hidden
      return Double(sequences * config.layerCount)
        * (linear(hidden, config.intermediateSize, tokens) + attention)
    }
  }

  /// The linear layers of one layer of BERT or DeBERTa.
  private static func linear(_ hidden: Double, _ intermediate: Int, _ tokens: Int) -> Double {
    2 * Double(tokens) * (4 * hidden * hidden + 2 * hidden * Double(intermediate))
  }

  /// Pairs of query and key at most `window` apart.
  private static func visibleKeys(tokens: Int, window: Int) -> Int {
    (0..<tokens).reduce(0) { $0 + min(tokens, $1 + window + 1) - max(0, $1 - window) }
  }
}
