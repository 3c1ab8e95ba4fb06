// Reads config.json: small, bounded.

internal import Safetensors
internal import StrictJSON

enum ConfigFile {
  /// Published files are about 4 kB.
  static let byteLimit = 1 << 20

  /// The fields of the file at `path`.
  static func fields(at path: String) throws(GLiClassError) -> FieldReader {
    let bytes = try GLiClassError.loading { () throws(SafetensorsError) in try readFile(path) }
    let json: JSON
    do throws(JSONError) {
      json = try JSON(parsing: bytes, limits: JSONLimits(byteCount: byteLimit))
    } catch {
      throw .json(file: path, error)
    }
    return try GLiClassError.decoding { () throws(FieldError) in
      try FieldReader(json, file: path)
    }
  }
}
