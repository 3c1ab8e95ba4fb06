// Reads a JSON file of a model folder: small, bounded.

package import Safetensors
package import StrictJSON

/// Why a JSON file of a model folder cannot be read.
package enum JSONFileError: Error, Sendable {
  case file(SafetensorsError)
  case json(file: String, JSONError)
  case field(FieldError)
}

package enum JSONFile {
  /// Published files are about 4 kB; a config with a label for each of 10,000 classes is 500 kB.
  private static let byteLimit = 1 << 20

  /// The value in the file at `path`.
  package static func value(at path: String) throws(JSONFileError) -> JSON {
    let bytes: [UInt8]
    do throws(SafetensorsError) { bytes = try readFile(path) } catch { throw .file(error) }
    do throws(JSONError) {
      return try JSON(parsing: bytes, limits: JSONLimits(byteCount: byteLimit))
    } catch {
      throw .json(file: path, error)
    }
  }

  /// The fields of the object in the file at `path`.
  package static func fields(at path: String) throws(JSONFileError) -> FieldReader {
    let json = try value(at: path)
    do throws(FieldError) { return try FieldReader(json, file: path) } catch {
      throw .field(error)
    }
  }
}
