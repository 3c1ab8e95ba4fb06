// The matrices of an encoder that `gliss model quantize` turns into integers, by their names in the
// checkpoint: the linear layers that int8 reaches and, if that is asked for, the token table.

package import Kernels
package import Safetensors

/// The name of a linear layer, or a table, below the encoder's scope, and its shape.
package struct LinearLayer: Sendable, Equatable {
  package let name: String
  package let outputs: Int
  package let inputs: Int
}

extension ModernBERTConfig {
  /// The layers that precision int8 computes in int8.
  package var linearLayers: [LinearLayer] {
    layers.indices.flatMap { index in
      [
        ("attn.Wqkv", 3 * hiddenSize, hiddenSize), ("attn.Wo", hiddenSize, hiddenSize),
        ("mlp.Wi", 2 * intermediateSize, hiddenSize), ("mlp.Wo", hiddenSize, intermediateSize),
      ].map { LinearLayer(name: "layers.\(index).\($0)", outputs: $1, inputs: $2) }
    }
  }

  /// The vectors of the tokens.
  package var tokenTable: LinearLayer {
    LinearLayer(
      name: "embeddings.tok_embeddings", outputs: vocabularySize, inputs: hiddenSize)
  }
}

extension DeBERTaConfig {
  /// The layers that precision int8 computes in int8.
  package var linearLayers: [LinearLayer] {
    PostNormLayer.linearLayers(
      .deBERTa, hidden: hiddenSize, intermediate: intermediateSize, layerCount: layerCount)
  }

  /// The vectors of the tokens.
  package var tokenTable: LinearLayer {
    .postNormTable(rows: vocabularySize, columns: embeddingSize)
  }
}

extension BERTConfig {
  /// The layers that precision int8 computes in int8.
  package var linearLayers: [LinearLayer] {
    PostNormLayer.linearLayers(
      .bert, hidden: hiddenSize, intermediate: intermediateSize, layerCount: layerCount)
  }

  /// The vectors of the tokens.
  package var tokenTable: LinearLayer {
    .postNormTable(rows: vocabularySize, columns: hiddenSize)
  }
}

extension LinearLayer {
  fileprivate static func postNormTable(rows: Int, columns: Int) -> LinearLayer {
    LinearLayer(name: "embeddings.word_embeddings", outputs: rows, inputs: columns)
  }

  /// The layer's weight as the two tensors that `gliss model quantize` writes in its place.
  /// - Parameter compute: of precision int8.
  package static func quantized(
    _ layers: [LinearLayer], in scope: TensorScope, compute: Compute
  ) throws(SafetensorsError) -> [OutputTensor] {
    precondition(compute.precision == .int8, "\(compute.precision) does not quantise")
    var reader = LinearReader(compute)
    var tensors: [OutputTensor] = []
    for layer in layers {
      let weight = scope.fullName("\(layer.name).weight")
      let scales = TensorScope.scaleName(weight)
      let (name, outputs, inputs) = (layer.name, layer.outputs, layer.inputs)
      let pair = try reader.read(name, in: scope, outputs: outputs, inputs: inputs) { read in
        guard case .integers(let integers) = read else { return nil as Quantized? }
        return Quantized(
          bytes: integers.bytes.map { UInt8(bitPattern: $0) }, scales: integers.scales)
      }
      guard let pair else { continue }
      tensors.append(
        OutputTensor(
          name: weight, elementType: .i8, shape: [outputs, inputs], bytes: pair.bytes))
      tensors.append(try OutputTensor(name: scales, shape: [outputs], floats: pair.scales))
    }
    return tensors
  }

  private struct Quantized {
    let bytes: [UInt8]
    let scales: [Float]
  }
}
