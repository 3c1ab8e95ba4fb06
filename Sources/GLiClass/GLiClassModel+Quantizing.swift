// A model folder with its linear layers quantised ahead, and back (Encoders/QuantizedFolder.swift).

internal import Encoders
package import Kernels
internal import Safetensors
internal import StrictJSON

extension QuantizationField {
  /// Whether the folder was quantised by Gliss. Another tool's quantisation is refused.
  static func isSet(_ fields: FieldReader) throws(GLiClassError) -> Bool {
    let found = try GLiClassError.decoding { () throws(FieldError) in try self.method(of: fields) }
    guard let found else { return false }
    guard found == method else {
      throw .unsupported(
        file: fields.file, field: "\(key).quant_method", expected: method, found: found)
    }
    return true
  }
}

extension GLiClassModel {
  /// Whether the folder's config.json says that Gliss quantised it.
  package static func isQuantized(folder: String) throws(GLiClassError) -> Bool {
    try QuantizationField.isSet(ConfigFile.fields(at: folder + "/config.json"))
  }

  /// Writes config.json and model.safetensors of the quantised model into `target`.
  ///
  /// - Parameters:
  ///   - tokenTable: Whether the vectors of the tokens are quantised too.
  ///   - compute: of precision int8.
  /// - Returns: The number of linear layers.
  package static func quantize(
    folder: String, into target: String, tokenTable: Bool = false, compute: Compute
  ) throws(GLiClassError) -> Int {
    let file = folder + "/config.json"
    let fields = try ConfigFile.fields(at: file)
    let config = try GLiClassConfig(fields)
    guard !config.isQuantized else { throw .alreadyQuantized(file: file) }
    return try GLiClassError.loading { () throws(SafetensorsError) in
      try config.encoder.quantize(
        folder: folder, fields, into: target, tokenTable: tokenTable, compute: compute
      ) { $0.scoped("model.encoder_model") }
    }
  }

  /// Writes config.json and model.safetensors of a quantised model, in floats, into `target`.
  package static func dequantize(folder: String, into target: String) throws(GLiClassError) {
    let fields = try ConfigFile.fields(at: folder + "/config.json")
    guard try QuantizationField.isSet(fields) else { throw .notQuantized(file: fields.file) }
    try GLiClassError.loading { () throws(SafetensorsError) in
      try Encoders.dequantize(folder: folder, fields, into: target)
    }
  }
}
