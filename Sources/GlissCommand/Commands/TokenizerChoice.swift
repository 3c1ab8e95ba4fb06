// Which tokenizer `gliss tokenize` runs: a file, or a model folder's.

import ModelStore
import StrictJSON
import Tokenization

enum TokenizerChoice {
  /// Loads `file`, or the tokenizer of the model that `model` means.
  static func load(model: String?, file: String?) throws(CommandError) -> Tokenizer {
    if let file { return try load(file) }
    let folder: String
    do {
      folder = try ModelSearch().resolve(model).folder
    } catch {
      throw .engine("\(error)", status: .missingInput)
    }
    let tokenizer = try load(folder + "/tokenizer.json")
    let markers = try markers(of: folder + "/config.json").filter { tokenizer.token($0) != nil }
    do {
      return try tokenizer.addingControlTokens(markers)
    } catch {
      throw .engine("\(error)", status: .data)
    }
  }

  private static func load(_ path: String) throws(CommandError) -> Tokenizer {
    // Opened once for the operating system's own words on what is wrong with the path.
    _ = try LineReader(path: path)
    do {
      return try Tokenizer(path: path)
    } catch {
      if case .unreadable = error { throw .engine("\(error)", status: .inputOutput) }
      throw .engine("\(error)", status: .data)
    }
  }

  /// The markers GLiClass puts between labels, text and examples.
  private static func markers(of path: String) throws(CommandError) -> [Int32] {
    let config = try SmallFile.json(SmallFile.bytes(path), path: path)
    return ["class_token_index", "text_token_index", "example_token_index"].compactMap {
      config[$0]?.int.flatMap { Int32(exactly: $0) }
    }
  }
}
