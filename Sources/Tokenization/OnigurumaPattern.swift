// Patterns of a tokenizer.json, written for Oniguruma (Ruby syntax), in the syntax of PCRE2.
// Sources: Oniguruma's doc/RE, PCRE2's pcre2pattern(3); each construct measured against PyPI
// `tokenizers` (tools/tokenizer/goldens.py makes the goldens).
//
// Only what means the same in both, or can be written so that it does, is let through. Left out, by
// name: \w \b \R \X \K \G and their kin, back references, POSIX brackets, sets inside of sets, &&,
// named groups, options but (?i:...), and caseless text that could match by several scalars at once
// ((?i:ss) matches a sharp s there). White space, digits and line ends are spelled out.
// What remains different is the age of the tables behind \p{...}: PyPI `tokenizers` 0.23.3 has
// Unicode 16, PCRE2 10.42 has Unicode 14. Its categories and scripts are the same but for the 10,294
// characters of Unicode 15 and 16 (4,815 of them Han), which are unassigned to PCRE2 10.42.

/// A pattern on its way to PCRE2.
struct OnigurumaPattern {
  /// The same in PCRE2's syntax.
  private(set) var translated: [UInt8] = []
  /// Where in the source each byte of `translated` comes from.
  private(set) var origins: [Int] = []

  /// A construct that is not let through.
  struct Refusal: Error, Equatable {
    var construct: String
    var offset: Int
  }

  private let source: [UInt8]
  private var position = 0
  private var groups: [Group] = []

  private struct Group {
    var isLookAround: Bool
    var isCaseless: Bool
  }

  /// What a quantifier would find before it.
  private enum Item { case start, assertion, atom, quantifier }
  private var last = Item.start

  init(translating pattern: String) throws(Refusal) {
    source = Array(pattern.utf8)
    while position < source.count { try step() }
  }

  private var next: UInt8? { position < source.count ? source[position] : nil }

  private func follows(_ text: StaticString) -> Bool {
    text.withUTF8Buffer { source[position...].starts(with: $0) }
  }

  private func refusal(_ construct: String, at offset: Int) -> Refusal {
    Refusal(construct: construct, offset: offset)
  }

  private mutating func emit(_ text: String, _ origin: Int) {
    for byte in text.utf8 {
      translated.append(byte)
      origins.append(origin)
    }
  }

  private mutating func emit(scalar: UInt32, _ origin: Int) {
    emit("\\x{\(String(scalar, radix: 16))}", origin)
  }

  private mutating func step() throws(Refusal) {
    let start = position
    let byte = source[position]
    switch byte {
    case UInt8(ascii: "("): try group()
    case UInt8(ascii: ")"):
      position += 1
      emit(")", start)
      last = groups.popLast()?.isLookAround == true ? .assertion : .atom
    case UInt8(ascii: "|"):
      position += 1
      emit("|", start)
      last = .start
    case UInt8(ascii: "^"), UInt8(ascii: "$"):
      position += 1
      emit(byte == UInt8(ascii: "^") ? "^" : "$", start)
      last = .assertion
    case UInt8(ascii: "."):
      position += 1
      emit(".", start)
      last = .atom
    case UInt8(ascii: "["): try set()
    case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"): try quantifier()
    case UInt8(ascii: "{"):
      if let length = intervalLength() {
        try interval(length)
      } else {
        position += 1
        emit(scalar: UInt32(byte), start)
        last = .atom
      }
    case UInt8(ascii: "\\"): try escape()
    default:
      let (scalar, byteCount) = source.withUnsafeBufferPointer { $0.scalar(at: position) }
      position += byteCount
      emit(scalar: scalar, start)
      last = .atom
    }
  }

  // MARK: Groups

  private mutating func group() throws(Refusal) {
    let start = position
    let kinds: [(StaticString, String, Bool)] = [
      ("(?:", "(?:", false), ("(?=", "(?=", true), ("(?!", "(?!", true), ("(?<=", "(?<=", true),
      ("(?<!", "(?<!", true), ("(?>", "(?>", false), ("(?i:", "(?i:", false),
    ]
    let isCaseless = groups.last?.isCaseless ?? false
    if let (text, output, isLookAround) = kinds.first(where: { follows($0.0) }) {
      guard !isCaseless else { throw refusal("a group inside of (?i:...)", at: start) }
      position += text.utf8CodeUnitCount
      let becomesCaseless = output == "(?i:"
      if becomesCaseless { try checkCaseless(from: position) }
      groups.append(Group(isLookAround: isLookAround, isCaseless: becomesCaseless))
      emit(output, start)
    } else {
      let end = min(start + 4, source.count)
      guard !follows("(?"), !follows("(*"), !isCaseless else {
        throw refusal(
          "the group \(String(decoding: source[start..<end], as: UTF8.self))...", at: start)
      }
      position += 1
      groups.append(Group(isLookAround: false, isCaseless: false))
      // No construct that is let through looks at what a group captured.
      emit("(?:", start)
    }
    last = .start
  }

  /// Makes sure that (?i:...) holds only words of ASCII, and sets of them as alternatives of their
  /// own, without two letters that one character folds to: ff, fi, fl, ss, st.
  private func checkCaseless(from start: Int) throws(Refusal) {
    var index = start
    var previous: UInt8 = 0
    while index < source.count, source[index] != UInt8(ascii: ")") {
      let byte = source[index]
      let lower = byte | 0x20
      let pair = [previous, lower]
      if ["ff", "fi", "fl", "ss", "st"].contains(where: { pair.elementsEqual($0.utf8) }) {
        throw refusal("the letters \(String(decoding: pair, as: UTF8.self)) in (?i:...)", at: index)
      }
      guard byte < 0x80, !"\\.^$*+?{(".utf8.contains(byte) else {
        throw refusal("anything but words and sets of ASCII letters in (?i:...)", at: index)
      }
      previous = lower
      index += 1
      guard byte == UInt8(ascii: "[") else { continue }
      let opens = ":|".utf8.contains(source[index - 2])
      while index < source.count, source[index] != UInt8(ascii: "]") {
        guard 0x61...0x7A ~= source[index] | 0x20 else {
          throw refusal("a set of more than letters in (?i:...)", at: index)
        }
        index += 1
      }
      guard opens, index + 1 < source.count, "|)".utf8.contains(source[index + 1]) else {
        throw refusal("a set beside other text in (?i:...)", at: index)
      }
      index += 1
      previous = 0
    }
  }

  // MARK: Quantifiers

  private func checkQuantifiable(_ start: Int) throws(Refusal) {
    switch last {
    case .atom: return
    case .start: throw refusal("a quantifier of nothing", at: start)
    case .assertion: throw refusal("a quantifier of an assertion", at: start)
    case .quantifier: throw refusal("a quantifier of a quantifier", at: start)
    }
  }

  private mutating func quantifier() throws(Refusal) {
    let start = position
    try checkQuantifiable(start)
    var text = String(decoding: [source[position]], as: UTF8.self)
    position += 1
    if let next, next == UInt8(ascii: "?") || next == UInt8(ascii: "+") {
      text += String(decoding: [next], as: UTF8.self)
      position += 1
    }
    emit(text, start)
    last = .quantifier
  }

  /// Bytes of an interval {n}, {n,}, {,n} or {n,m} that begins here; nil when there is none.
  private func intervalLength() -> Int? {
    var index = position + 1
    var digits = 0
    var commas = 0
    while index < source.count {
      switch source[index] {
      case 0x30...0x39: digits += 1
      case UInt8(ascii: ",") where commas == 0: commas = 1
      case UInt8(ascii: "}"): return digits > 0 ? index + 1 - position : nil
      default: return nil
      }
      index += 1
    }
    return nil
  }

  private mutating func interval(_ length: Int) throws(Refusal) {
    let start = position
    try checkQuantifiable(start)
    var text = String(decoding: source[start..<start + length], as: UTF8.self)
    if text.hasPrefix("{,") { text = "{0" + text.dropFirst() }
    position += length
    if next == UInt8(ascii: "?") {
      guard text.contains(",") else { throw refusal("\(text)?", at: start) }
      text += "?"
      position += 1
    }
    emit(text, start)
    last = .quantifier
  }

  // MARK: Sets and escapes

  private mutating func set() throws(Refusal) {
    let start = position
    position += 1
    emit("[", start)
    if next == UInt8(ascii: "^") {
      position += 1
      emit("^", start)
    }
    let first = position
    guard next != UInt8(ascii: "]") else { throw refusal("a set that begins with ]", at: position) }
    // The last item can begin a range, the one before was the hyphen of one.
    var canBeginRange = false
    var isRangeEnd = false
    while let byte = next, byte != UInt8(ascii: "]") {
      let item = position
      if byte == UInt8(ascii: "[") { throw refusal("a set inside of a set", at: item) }
      if follows("&&") { throw refusal("&& in a set", at: item) }
      if byte == UInt8(ascii: "-") {
        let isLast = item + 1 < source.count && source[item + 1] == UInt8(ascii: "]")
        position += 1
        if isLast || item == first {
          emit(scalar: 0x2D, item)
          canBeginRange = false
          continue
        }
        guard canBeginRange else { throw refusal("a hyphen that is not escaped", at: item) }
        emit("-", item)
        (canBeginRange, isRangeEnd) = (false, true)
        continue
      }
      var scalar: UInt32?
      if byte == UInt8(ascii: "\\") {
        let (text, single) = try escapeText(inSet: true)
        emit(text, item)
        scalar = single
      } else {
        let (single, byteCount) = source.withUnsafeBufferPointer { $0.scalar(at: position) }
        position += byteCount
        emit(scalar: single, item)
        scalar = single
      }
      if isRangeEnd, scalar == nil { throw refusal("a range that ends with a set", at: item) }
      canBeginRange = scalar != nil && !isRangeEnd
      isRangeEnd = false
    }
    if next != nil {
      position += 1
      emit("]", start)
    }
    last = .atom
  }

  private mutating func escape() throws(Refusal) {
    let start = position
    for (text, output) in [("\\A", "\\A"), ("\\z", "\\z"), ("\\Z", "\\Z")]
    where source[start...].starts(with: text.utf8) {
      position += 2
      emit(output, start)
      last = .assertion
      return
    }
    emit(try escapeText(inSet: false).text, start)
    last = .atom
  }

  /// White space as Oniguruma knows it; PCRE2 adds U+180E.
  private static let spaces =
    #"\x{9}-\x{d}\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}"#
    + #"\x{3000}"#
  private static let others =
    #"\x{0}-\x{8}\x{e}-\x{1f}\x{21}-\x{84}\x{86}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}"#
    + #"\x{200b}-\x{2027}\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{10ffff}"#

  /// General categories, named alike in both.
  private static let categories: Set<String> = [
    "C", "Cc", "Cf", "Cn", "Co", "Cs", "L", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn",
    "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm",
    "So", "Z", "Zl", "Zp", "Zs",
  ]
  /// Scripts; in PCRE2 a bare name would mean script extensions.
  private static let scripts: Set<String> = [
    "Arabic", "Armenian", "Bengali", "Cyrillic", "Devanagari", "Georgian", "Greek", "Han",
    "Hangul", "Hebrew", "Hiragana", "Katakana", "Latin", "Tamil", "Telugu", "Thai",
  ]

  /// An escape in PCRE2's syntax, and the scalar if it stands for a single one.
  private mutating func escapeText(
    inSet: Bool
  ) throws(Refusal) -> (text: String, scalar: UInt32?) {
    let start = position
    position += 1
    guard let byte = next else { throw refusal("a backslash at the end", at: start) }
    position += 1
    func wrapped(_ set: String) -> String { inSet ? set : "[\(set)]" }
    func single(_ scalar: UInt32) -> (String, UInt32?) {
      ("\\x{\(String(scalar, radix: 16))}", scalar)
    }
    let name = String(decoding: [byte], as: UTF8.self)
    switch name {
    case "t": return single(9)
    case "n": return single(10)
    case "v": return single(11)
    case "f": return single(12)
    case "r": return single(13)
    case "a": return single(7)
    case "e": return single(0x1B)
    case "s": return (wrapped(Self.spaces), nil)
    case "S": return (wrapped(Self.others), nil)
    case "d": return (#"\p{Nd}"#, nil)
    case "D": return (#"\P{Nd}"#, nil)
    case "h": return (wrapped("0-9a-fA-F"), nil)
    case "H": return (wrapped(#"\x{0}-\x{2f}\x{3a}-\x{40}G-\x{60}g-\x{10ffff}"#), nil)
    case "p", "P": return (try property(name, start), nil)
    case "x", "u": return single(try hexadecimal(name, start))
    default:
      guard byte < 0x80, !(0x30...0x39 ~= byte), !(0x61...0x7A ~= byte | 0x20), byte > 0x20 else {
        throw refusal("\\\(byte < 0x80 ? name : "")", at: start)
      }
      return single(UInt32(byte))
    }
  }

  private mutating func property(_ letter: String, _ start: Int) throws(Refusal) -> String {
    var isNegated = letter == "P"
    guard next == UInt8(ascii: "{"),
      let end = source[position...].firstIndex(of: UInt8(ascii: "}"))
    else { throw refusal("\\\(letter) without a name in braces", at: start) }
    var name = String(decoding: source[position + 1..<end], as: UTF8.self)
    if name.hasPrefix("^"), !isNegated {
      isNegated = true
      name.removeFirst()
    }
    position = end + 1
    if Self.scripts.contains(name) {
      name = "sc:" + name
    } else if !Self.categories.contains(name) {
      throw refusal("\\\(letter){\(name)}", at: start)
    }
    return "\\\(isNegated ? "P" : "p"){\(name)}"
  }

  /// \x41, \x{1F600} and \u00E9. Two digits from 80 on are a byte there, not a character.
  private mutating func hexadecimal(_ letter: String, _ start: Int) throws(Refusal) -> UInt32 {
    var digits = source[position...].prefix(letter == "x" ? 2 : 4)
    if letter == "x", next == UInt8(ascii: "{") {
      digits = source[(position + 1)...].prefix { $0 != UInt8(ascii: "}") }
      position += 2
    }
    let isBraced = digits.startIndex != position
    guard digits.allSatisfy({ 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 | 0x20 }),
      isBraced || digits.count == (letter == "x" ? 2 : 4),
      let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16),
      Unicode.Scalar(value) != nil, isBraced || letter == "u" || value < 0x80
    else { throw refusal("\\\(letter) without the digits of a character", at: start) }
    position += digits.count
    return value
  }
}
