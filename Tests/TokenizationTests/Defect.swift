// A change to a sound tokenizer file, and what the error has to say.

import StrictJSON
import Testing

import Tokenization

struct Defect: Sendable, CustomTestStringConvertible {
  /// Keys and positions, with points between them.
  var path: String
  /// What stands there instead; nil for nothing at all.
  var value: JSON?
  /// The error, without the file's name.
  var message: String

  init(_ path: String, _ value: JSON?, _ message: String) {
    (self.path, self.value, self.message) = (path, value, message)
  }

  var testDescription: String { "\(path) = \(value?.excerpt ?? "missing")" }
}

extension JSON {
  /// The same with the value at a path of keys and positions replaced, or removed.
  func replacing(_ path: ArraySlice<Substring>, with value: JSON?) -> JSON? {
    guard let key = path.first else { return value }
    if var elements = array, let index = Int(key) {
      if let changed = elements[index].replacing(path.dropFirst(), with: value) {
        elements[index] = changed
      } else {
        elements.remove(at: index)
      }
      return .array(elements)
    }
    guard var object else { return self }
    object[String(key)] = (object[String(key)] ?? .null).replacing(path.dropFirst(), with: value)
    return .object(object)
  }
}

func parseTokenizer(_ json: JSON?) throws -> Tokenizer {
  try Tokenizer(parsing: Array((json ?? .null).serialized().utf8), file: "F.json")
}

func expectTokenizer(_ json: JSON?, fails message: String) {
  do {
    _ = try parseTokenizer(json)
    Issue.record("accepted; wanted: \(message)")
  } catch {
    #expect("\(error)" == "F.json: \(message)")
  }
}
