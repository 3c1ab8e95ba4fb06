// A model folder with matrices quantised ahead: config.json says so, NAME.weight is I8 and
// NAME.weight_scale F32 (QuantizedTensors.swift); every other tensor is copied as it is. And back.

package import Kernels
package import Safetensors
package import StrictJSON

/// `quantization_config` of config.json, the key under which transformers looks for it too: it
/// refuses a method it does not know, where it would otherwise take the bytes for weights.
package enum QuantizationField {
  package static let key = "quantization_config"
  package static let method = "gliss_int8"

  /// How a folder was quantised, by its config.json; nil: it was not. Only `method` can be read.
  package static func method(of fields: FieldReader) throws(FieldError) -> String? {
    try fields.optionalObject(key)?.string("quant_method")
  }

  fileprivate static func value(tokenTable: Bool) -> JSON {
    [
      "quant_method": JSON(method), "bits": 8, "weights": "symmetric, one scale a row",
      "activations": "symmetric, one scale a token", "token_embeddings": JSON(tokenTable),
    ]
  }
}

extension EncoderConfig {
  /// Writes config.json and model.safetensors of a folder with the encoder's linear layers quantised.
  ///
  /// - Parameters:
  ///   - fields: The folder's config.json.
  ///   - tokenTable: Whether the vectors of the tokens are quantised too.
  ///   - compute: of precision int8.
  ///   - encoder: The encoder's tensors among all.
  /// - Returns: The number of linear layers.
  package func quantize(
    folder: String, _ fields: FieldReader, into target: String, tokenTable: Bool,
    compute: Compute, encoder: (TensorScope) -> TensorScope
  ) throws(SafetensorsError) -> Int {
    let layers = linearLayers
    let matrices = layers + (tokenTable ? [self.tokenTable] : [])
    var object = fields.object
    object[QuantizationField.key] = QuantizationField.value(tokenTable: tokenTable)
    let checkpoint = try Checkpoint(folder: folder)
    let quantized = try LinearLayer.quantized(
      matrices, in: encoder(checkpoint.scope()), compute: compute)
    try checkpoint.write(into: target, object, replacing: quantized)
    return layers.count
  }
}

/// Writes config.json and model.safetensors of a quantised folder with floats in place of its integers.
///
/// - Parameter fields: The folder's config.json.
package func dequantize(
  folder: String, _ fields: FieldReader, into target: String
) throws(SafetensorsError) {
  var object = fields.object
  object[QuantizationField.key] = nil
  let checkpoint = try Checkpoint(folder: folder)
  let scope = checkpoint.scope()
  var floats: [OutputTensor] = []
  var scales: Set<String> = []
  for name in checkpoint.names where scope.isQuantized(name) {
    guard let shape = scope.info(name)?.shape, shape.count == 2 else { continue }
    let count = shape[0] * shape[1]
    var values = [Float](repeating: 0, count: count)
    let rows = try scope.rowReader(name, shape: shape)
    try values.withUnsafeMutableBufferPointer { (values) throws(SafetensorsError) in
      try rows(0..<shape[0], values)
    }
    floats.append(try OutputTensor(name: name, shape: shape, floats: values))
    scales.insert(TensorScope.scaleName(name))
  }
  try checkpoint.write(into: target, object, replacing: floats, without: scales)
}

extension Checkpoint {
  /// Writes a copy of the tensors and `config` into a folder in the making.
  ///
  /// - Parameters:
  ///   - replacing: Tensors in place of those of their names, and new ones.
  ///   - without: Tensors that are left out.
  fileprivate func write(
    into target: String, _ config: JSONObject, replacing: [OutputTensor],
    without: Set<String> = []
  ) throws(SafetensorsError) {
    var tensors = replacing
    let left = without.union(replacing.map(\.name))
    for file in files {
      for tensor in file.tensors where !left.contains(tensor.name) {
        tensors.append(
          OutputTensor(
            name: tensor.name, elementType: tensor.elementType, shape: tensor.shape,
            bytes: try file.bytes(of: tensor)))
      }
    }
    try writeSafetensors(tensors, metadata: metadata, to: target + "/model.safetensors")
    try writeFile(
      Array(JSON.object(config).serialized(pretty: true).utf8), to: target + "/config.json")
  }
}
