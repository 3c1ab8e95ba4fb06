// The `Unigram` model of a tokenizer.json.

import StrictJSON

extension TokenizerFile {
  func unigramModel(_ reader: FieldReader) throws(TokenizerError) -> UnigramModel {
    try reader.allow(["type", "unk_id", "vocab", "byte_fallback"])
    let (list, fallsBack) = try reading { () throws(FieldError) in
      (try reader.array("vocab"), try reader.optionalBool("byte_fallback") ?? false)
    }
    let field = reader.fieldPath("vocab")
    guard 1..<Vocabulary.idLimit ~= list.count else {
      throw .field(reader.error("vocab", expected: "1 to \(Vocabulary.idLimit - 1) tokens"))
    }
    var vocabulary = Vocabulary(capacity: list.count)
    var scores: [Double] = []
    var (bytes, ends): ([UInt8], [Int]) = ([], [])
    scores.reserveCapacity(list.count)
    ends.reserveCapacity(list.count)
    for (index, element) in list.enumerated() {
      guard case .array(let pair) = element, pair.count == 2, case .string(var token) = pair[0],
        let score = pair[1].double, score.isFinite
      else {
        throw .field(
          FieldError(
            file: file, field: "\(field)[\(index)]", expected: "a token and its score, a number",
            found: element.excerpt))
      }
      guard token.utf8.count <= PrefixTrie.longestToken else {
        throw .field(
          FieldError(
            file: file, field: "\(field)[\(index)]",
            expected: "a token of at most \(PrefixTrie.longestToken) bytes",
            found: "\(token.utf8.count) bytes"))
      }
      let isNew = token.withUTF8 { text in
        do throws(Vocabulary.Duplicate) {
          try vocabulary.insert(text, id: Int32(truncatingIfNeeded: index))
          return true
        } catch {
          return false
        }
      }
      guard isNew else {
        throw .duplicateToken(file: file, field: "\(field)[\(index)]", token: token)
      }
      bytes.append(contentsOf: token.utf8)
      ends.append(bytes.count)
      scores.append(Self.upstreamValue(of: score))
    }
    let unknown = try reading { () throws(FieldError) in
      try reader.int("unk_id", in: 0...list.count - 1)
    }
    return UnigramModel(
      vocabulary: vocabulary, scores: scores, trie: PrefixTrie(bytes, ends: ends),
      unknown: Int32(truncatingIfNeeded: unknown), fallsBack: fallsBack)
  }

  /// The number that upstream reads where the file says `score`: the decimal digits as an integer,
  /// times or by a power of ten, each step rounded (serde_json without `float_roundtrip`). One number
  /// of 17 digits in seven ends up one unit in the last place off, which decides between equal paths.
  /// The digits are taken to be the fewest that mean `score`, as every writer of JSON writes them.
  static func upstreamValue(of score: Double) -> Double {
    var significand: UInt64 = 0
    var exponent = 0
    var isFraction = false
    let text = score.magnitude.description
    let digits = text.utf8.prefix { $0 != UInt8(ascii: "e") }
    for character in digits {
      guard 0x30...0x39 ~= character else {
        isFraction = true
        continue
      }
      let (product, overflows) = significand.multipliedReportingOverflow(by: 10)
      guard !overflows else { return score }
      significand = product + UInt64(character - 0x30)
      if isFraction { exponent -= 1 }
    }
    exponent += Int(text.dropFirst(digits.count + 1)) ?? 0
    guard powersOfTen.indices ~= abs(exponent) else { return score }
    let value = Double(significand)
    let power = powersOfTen[abs(exponent)]
    let magnitude = exponent < 0 ? value / power : value * power
    return score.sign == .minus ? -magnitude : magnitude
  }

  private static let powersOfTen = (0...308).map { Double("1e\($0)") ?? .infinity }
}
