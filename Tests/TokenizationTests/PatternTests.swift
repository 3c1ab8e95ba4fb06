// Patterns of Split and Replace: what is let through, what is refused, and limits that hold.

import StrictJSON
import Testing

import Tokenization

private func splitter(
  split pattern: JSON, behavior: JSON = "Isolated", replace: JSON = .null,
  knowsNothing: Bool = false
) throws -> Tokenizer {
  var file = try #require(byteTokenizerFile(cutsWords: false, normalizer: replace).object)
  let split: JSON = [
    "type": "Split", "pattern": pattern, "behavior": behavior, "invert": false,
  ]
  file["pre_tokenizer"] = [
    "type": "Sequence", "pretokenizers": [split, file["pre_tokenizer"] ?? .null],
  ]
  if knowsNothing {
    file["model"] = [
      "type": "BPE", "vocab": ["?": 0], "merges": [], "unk_token": "?", "fuse_unk": true,
    ]
  }
  return try Tokenizer(
    parsing: Array(JSON.object(file).serialized().utf8), file: "tokenizer.json")
}

private func message(_ pattern: JSON, behavior: JSON = "Isolated") -> String {
  do {
    _ = try splitter(split: pattern, behavior: behavior)
    return "accepted"
  } catch {
    return "\(error)"
  }
}

/// What Split leaves of a text, isolating matches.
private func pieces(_ pattern: String, _ text: String) throws -> [String] {
  // Without a vocabulary, a piece is one unknown token.
  let tokenizer = try splitter(split: ["Regex": .string(pattern)], knowsNothing: true)
  let scalars = Array(text.unicodeScalars)
  return try tokenizer.encode(text).offsets.map { range in
    String(String.UnicodeScalarView(scalars[Int(range.lowerBound)..<Int(range.upperBound)]))
  }
}

@Suite("Patterns")
struct PatternTests {
  @Test(
    "a construct that Oniguruma and PCRE2 read differently is refused by name",
    arguments: [
      (#"a\w"#, #"\w at 1"#), (#"\bx"#, #"\b at 0"#), (#"\R"#, #"\R at 0"#), (#"\X"#, #"\X at 0"#),
      (#"a\K"#, #"\K at 1"#), (#"\G"#, #"\G at 0"#), (#"(a)\1"#, #"\1 at 3"#),
      (#"(?<n>a)"#, "the group (?<n... at 0"), ("(?m)a", "the group (?m)... at 0"),
      ("(?i)a", "the group (?i)... at 0"), ("(?s:.)", "the group (?s:... at 0"),
      ("(?#c)", "the group (?#c... at 0"), ("(*FAIL)", "the group (*FA... at 0"),
      ("[[:alpha:]]", "a set inside of a set at 1"), ("[a&&b]", "&& in a set at 2"),
      ("[]a]", "a set that begins with ] at 1"), (#"[\s-a]"#, "a hyphen that is not escaped at 3"),
      (#"[a-\d]"#, "a range that ends with a set at 3"), (#"\p{Letter}"#, #"\p{Letter} at 0"#),
      (#"\pL"#, #"\p without a name in braces at 0"#), ("a{2}?", "{2}? at 1"),
      ("a{1,2}+", "a quantifier of a quantifier at 6"), ("^*", "a quantifier of an assertion at 1"),
      ("*", "a quantifier of nothing at 0"), ("(?i:ss)", "the letters ss in (?i:...) at 5"),
      ("(?i:ß)", "anything but words and sets of ASCII letters in (?i:...) at 4"),
      ("(?i:a[bc])", "a set beside other text in (?i:...) at 8"),
      (#"\xe9"#, #"\x without the digits of a character at 0"#),
      (#"\u{d800}"#, #"\u without the digits of a character at 0"#),
      (#"a\"#, "a backslash at the end at 1"),
    ])
  func refused(pattern: String, construct: String) {
    #expect(
      message(["Regex": .string(pattern)])
        == "tokenizer.json: pre_tokenizer.pretokenizers[0].pattern.Regex is a pattern with "
        + "\(construct), which this version does not support; it supports what Oniguruma and "
        + "PCRE2 read alike")
  }

  @Test(
    "a pattern that does not compile is named with PCRE2's reason",
    arguments: [
      ("ab(c", 4, "missing closing parenthesis"), ("ab)", 2, "unmatched closing parenthesis"),
      ("[z-a]", 3, "range out of order in character class"),
      ("[abc", 4, "missing terminating ] for character class"),
      ("a{3,2}", 1, "numbers out of order in {} quantifier"),
      ("a{99999}", 1, "number too big in {} quantifier"),
      ("x(?<=a+)", 1, "lookbehind assertion is not fixed length"),
    ])
  func malformed(pattern: String, offset: Int, reason: String) {
    #expect(throws: TokenizerError.self) { try splitter(split: ["Regex": .string(pattern)]) }
    do {
      _ = try splitter(split: ["Regex": .string(pattern)])
    } catch let error as TokenizerError {
      guard case .pattern(let file, let field, _, let found) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(file == "tokenizer.json")
      #expect(field == "pre_tokenizer.pretokenizers[0].pattern.Regex")
      #expect(found == reason)
      #expect("\(error)".contains("at byte \(offset), "), "\(error)")
    } catch {
      Issue.record("\(error)")
    }
  }

  @Test("a pattern that is neither a Regex nor a String, and an unknown behaviour, are refused")
  func fields() {
    let field = "tokenizer.json: pre_tokenizer.pretokenizers[0]"
    #expect(message([:]).hasPrefix("\(field).pattern should be a Regex or a String"))
    #expect(message(["Regex": "a", "String": "a"]).hasPrefix("\(field).pattern should be"))
    #expect(message(["Glob": "a"]).hasPrefix("\(field).pattern.Glob is not a field"))
    #expect(message(["Regex": 1]).hasPrefix("\(field).pattern.Regex should be"))
    #expect(message(["Regex": "a"], behavior: "isolated").hasPrefix("\(field).behavior should be"))
  }

  @Test("a search through windows finds what a search of the whole finds")
  func windows() throws {
    let long = String(repeating: "é", count: 700)
    // Matches, and starts without one, that end near and far beyond a window of 512 bytes.
    for length in [0, 1, 254, 255, 256, 257, 511, 512, 513, 2047, 2048, 5000] {
      let gap = String(repeating: "-", count: length)
      #expect(try pieces("b+", "\(gap)bb") == (length > 0 ? [gap, "bb"] : ["bb"]))
      #expect(try pieces("a-*b", "xa\(gap)b") == ["x", "a\(gap)b"])
      #expect(try pieces("a-*b", "xa\(gap)c") == ["xa\(gap)c"])
      #expect(try pieces("(?<=-|^)$", gap).joined() == gap)
      #expect(
        try pieces("x$", "\(gap)x\n\(gap)x") == [gap, "x", "\n\(gap)", "x"].filter { $0 != "" })
      #expect(try pieces("é+", "\(gap)\(long)") == [gap, long].filter { $0 != "" })
    }
  }

  @Test(
    "a pattern without end ends with an error, whatever way it takes",
    arguments: [
      "(a+)+$", "(?:a|a)*b", "(a*)*b", "(?:a?){60}b", "[a-z]+[0-9]",
      "(?:a{0,9}){5}b", "a*?b", "(?>a+)b",
    ])
  func endless(pattern: String) throws {
    let tokenizer = try splitter(split: ["Regex": .string(pattern)])
    let text = String(repeating: "a", count: 100_000) + "c"
    let error = #expect(throws: TokenizerError.self) { try tokenizer.encode(text) }
    guard case .patternStopped("tokenizer.json", let field, _) = error else {
      Issue.record("\(pattern): \(String(describing: error))")
      return
    }
    #expect(field == "pre_tokenizer.pretokenizers[0].pattern.Regex")
    // The tokenizer is as good as before.
    #expect(try tokenizer.encode("aaac").ids == [97, 97, 97, 99])
  }

  @Test("a repeat gives back what a negated category after it needs")
  func negatedCategories() throws {
    #expect(try pieces(#"\P{Lu}+\P{Nd}|b"#, "abc") == ["abc"])
  }

  @Test("many short texts of one encoding share the budget")
  func sharedBudget() throws {
    let tokenizer = try splitter(split: ["Regex": #"(a+)+$|\n"#])
    let line = String(repeating: "a", count: 20) + "c\n"
    #expect(throws: TokenizerError.self) {
      try tokenizer.encode(String(repeating: line, count: 1000))
    }
    let replacing = try splitter(
      split: ["String": "-"],
      replace: ["type": "Replace", "pattern": ["Regex": "(b+)+$"], "content": ""])
    #expect(throws: TokenizerError.self) {
      try replacing.encode(String(repeating: "b", count: 100_000) + "c")
    }
  }

  @Test(
    "a MiB of one thing is within the budget of a usual pattern",
    arguments: ["a", " ", "7", "\n", "!", "é"])
  func runs(unit: String) throws {
    let golden = try #require(try TokenizerGolden.all().first { $0.name == "split-llama" })
    let tokenizer = try Tokenizer(path: golden.file)
    let text = String(repeating: unit, count: (1 << 20) / unit.utf8.count)
    let encoding = try tokenizer.encode(text)
    #expect(Int(encoding.offsets.last?.upperBound ?? 0) == text.unicodeScalars.count)
  }
}
