// What the model reads for a label whose name in the data is no word.

import Gliss
import StrictJSON

/// Names of labels in a set, and the words for them.
enum LabelNames {
  /// The groups of 20 Newsgroups, spelled out. Scores of this set depend on it, so it does not
  /// change.
  static let newsgroups: [String: String] = [
    "alt.atheism": "atheism",
    "comp.graphics": "computer graphics",
    "comp.os.ms-windows.misc": "microsoft windows",
    "comp.sys.ibm.pc.hardware": "ibm pc hardware",
    "comp.sys.mac.hardware": "mac hardware",
    "comp.windows.x": "x window system",
    "misc.forsale": "for sale",
    "rec.autos": "cars",
    "rec.motorcycles": "motorcycles",
    "rec.sport.baseball": "baseball",
    "rec.sport.hockey": "hockey",
    "sci.crypt": "cryptography",
    "sci.electronics": "electronics",
    "sci.med": "medicine",
    "sci.space": "space",
    "soc.religion.christian": "christianity",
    "talk.politics.guns": "gun politics",
    "talk.politics.mideast": "middle east politics",
    "talk.politics.misc": "politics",
    "talk.religion.misc": "religion",
  ]

  /// The words for every name: of the table, else the name itself. Without a table, that of the
  /// newsgroups where every name is in it.
  static func words(for names: [String], table: [String: String]?) -> [String] {
    let isNewsgroups = names.allSatisfy { newsgroups[$0] != nil }
    let table = table ?? (isNewsgroups ? newsgroups : [:])
    return names.map { table[$0] ?? $0 }
  }

  /// A JSON object of names and words.
  static func table(_ path: String, console: Console) throws(CommandError) -> [String: String] {
    let bytes = try SmallFile.bytes(path, console: console)
    let json = try SmallFile.json(bytes, path: path)
    var table: [String: String] = [:]
    do throws(FieldError) {
      let fields = try FieldReader(json, file: path)
      for name in fields.object.keys {
        let words = try fields.string(name)
        guard !words.allSatisfy(\.isWhitespace) else {
          throw fields.error(name, expected: "what the model should read")
        }
        table[name] = words
      }
    } catch {
      throw .malformed(path: path, error.sentence)
    }
    return table
  }
}
