// A model folder with its linear layers quantised ahead: config.json says so, NAME.weight is I8 and
// NAME.weight_scale F32 (Encoders/LinearReader.swift); every other tensor is copied as it is.

internal import Encoders
package import Kernels
internal import Safetensors
internal import StrictJSON

/// `quantization_config` of config.json, the key under which transformers looks for it too: it
/// refuses a method it does not know, where it would otherwise take the bytes for weights.
enum QuantizationField {
  static let key = "quantization_config"
  static let method = "gliss_int8"

  /// Whether the folder was quantised by Gliss. Another tool's quantisation is refused.
  static func isSet(_ fields: FieldReader) throws(GLiClassError) -> Bool {
    let found = try GLiClassError.decoding { () throws(FieldError) in
      try fields.optionalObject(key)?.string("quant_method")
    }
    guard let found else { return false }
    guard found == method else {
      throw .unsupported(
        file: fields.file, field: "\(key).quant_method", expected: method, found: found)
    }
    return true
  }

  static let value: JSON = [
    "quant_method": JSON(method), "bits": 8, "weights": "symmetric, one scale a row",
    "activations": "symmetric, one scale a token",
  ]
}

extension GLiClassModel {
  /// Whether the folder's config.json says that Gliss quantised it.
  package static func isQuantized(folder: String) throws(GLiClassError) -> Bool {
    try QuantizationField.isSet(ConfigFile.fields(at: folder + "/config.json"))
  }

  /// Writes config.json and model.safetensors of the quantised model into `target`.
  ///
  /// - Parameter compute: of precision int8.
  /// - Returns: The number of layers quantised.
  package static func quantize(
    folder: String, into target: String, compute: Compute
  ) throws(GLiClassError) -> Int {
    let file = folder + "/config.json"
    let fields = try ConfigFile.fields(at: file)
    let config = try GLiClassConfig(fields)
    guard !config.isQuantized else {
      throw .unsupported(
        file: file, field: QuantizationField.key, expected: "none: a model in floats",
        found: QuantizationField.method)
    }
    var object = fields.object
    object[QuantizationField.key] = QuantizationField.value
    let layers = config.encoder.linearLayers
    try GLiClassError.loading { () throws(SafetensorsError) in
      let checkpoint = try Checkpoint(folder: folder)
      let encoder = checkpoint.scope().scoped("model.encoder_model")
      let quantized = try LinearLayer.quantized(layers, in: encoder, compute: compute)
      let replaced = Set(quantized.map(\.name))
      var tensors = quantized
      for file in checkpoint.files {
        for tensor in file.tensors where !replaced.contains(tensor.name) {
          tensors.append(
            OutputTensor(
              name: tensor.name, elementType: tensor.elementType, shape: tensor.shape,
              bytes: try file.bytes(of: tensor)))
        }
      }
      try writeSafetensors(
        tensors, metadata: checkpoint.metadata, to: target + "/model.safetensors")
      try writeFile(
        Array(JSON.object(object).serialized(pretty: true).utf8), to: target + "/config.json")
    }
    return layers.count
  }
}
