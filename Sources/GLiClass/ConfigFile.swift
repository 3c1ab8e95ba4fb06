internal import Encoders
internal import StrictJSON

enum ConfigFile {
  /// The fields of the config.json at `path`.
  static func fields(at path: String) throws(GLiClassError) -> FieldReader {
    do throws(JSONFileError) { return try JSONFile.fields(at: path) } catch {
      switch error {
      case .file(let error): throw .checkpoint(error)
      case .json(let file, let error): throw .json(file: file, error)
      case .field(let error): throw .field(error)
      }
    }
  }
}
