// Cross-encoders and sentence encoders with their linear layers quantised ahead
// (Encoders/QuantizedFolder.swift). The head stays as it is.

internal import Encoders
package import Kernels
internal import Safetensors
internal import StrictJSON

extension SentenceModelFolder {
  /// Whether config.json says that Gliss quantised it. Another tool's quantisation is refused.
  func isQuantized() throws(SentenceModelError) -> Bool {
    let fields = try fields("config.json")
    let found = try SentenceModelError.decoding { () throws(FieldError) in
      try QuantizationField.method(of: fields)
    }
    guard let found else { return false }
    guard found == QuantizationField.method else {
      throw .unsupported(
        file: fields.file, field: "\(QuantizationField.key).quant_method",
        expected: QuantizationField.method, found: found)
    }
    return true
  }

  /// Writes config.json and model.safetensors into `target`.
  fileprivate func quantize(
    into target: String, tokenTable: Bool, compute: Compute
  ) throws(SentenceModelError) -> Int {
    let fields = try fields("config.json")
    guard try !isQuantized() else { throw .alreadyQuantized(file: fields.file) }
    let config = try SentenceModelError.decoding { () throws(FieldError) in
      try EncoderConfig(fields)
    }
    return try SentenceModelError.loading { () throws(SafetensorsError) in
      try config.quantize(
        folder: path, fields, into: target, tokenTable: tokenTable, compute: compute
      ) { config.scope(in: $0) }
    }
  }
}

extension SentenceModelParts {
  /// Writes config.json and model.safetensors of the quantised model into `target`.
  ///
  /// - Parameters:
  ///   - folder: Of a cross-encoder, or of a sentence encoder that is not in a folder of its own
  ///     below it.
  ///   - tokenTable: Whether the vectors of the tokens are quantised too.
  ///   - compute: of precision int8.
  /// - Returns: The number of linear layers.
  package static func quantize(
    folder path: String, into target: String, tokenTable: Bool, compute: Compute
  ) throws(SentenceModelError) -> Int {
    let folder = SentenceModelFolder(path: path)
    let place = try SentenceModules(folder).encoderPath
    guard place.isEmpty else {
      throw .unsupported(
        file: path + "/modules.json", field: "modules[0].path",
        expected: "empty: an encoder in the folder itself", found: place)
    }
    return try folder.quantize(into: target, tokenTable: tokenTable, compute: compute)
  }
}
