// Segments: texts that join, control tokens that cut, and where each segment's tokens are.

import TestSupport
import Testing

import Tokenization

@Suite("Segments")
struct SegmentTests {
  static let names = [
    "byte-level", "byte-level-prefix", "roberta", "sequences", "word-piece", "sentence-deberta",
  ]

  static func tokenizer(_ name: String) throws -> Tokenizer {
    let golden = try #require(try TokenizerGolden.all().first { $0.name == name })
    return try Tokenizer(path: golden.file)
  }

  @Test("neighbouring texts are one text", arguments: names)
  func textsJoin(name: String) throws {
    let tokenizer = try Self.tokenizer(name)
    for seed in UInt64(0)..<300 {
      var generator = SeededGenerator(seed: seed)
      let parts = soup(&generator)
      for mode in [ControlTokensInText.literal, .matched] {
        let split = try tokenizer.encode(parts.map { .text($0) }, controlTokensInText: mode)
        let whole = try tokenizer.encode(parts.joined(), controlTokensInText: mode)
        #expect(split.ids == whole.ids, "\(name), seed \(seed)")
        #expect(split.offsets == whole.offsets, "\(name), seed \(seed)")
      }
    }
  }

  @Test("a control segment is what the matched token is", arguments: names)
  func controlsCut(name: String) throws {
    let tokenizer = try Self.tokenizer(name)
    let controls = try ["<<LABEL>>", "<<SEP>>", "[MASK]"].map {
      (token: $0, id: try #require(tokenizer.id(of: $0)))
    }
    // No atom that is or may join to a control token.
    let atoms = soupAtoms.filter { !$0.contains("<") && !$0.contains(">") && !$0.contains("[") }
    for seed in UInt64(0)..<300 {
      var generator = SeededGenerator(seed: seed)
      var segments: [Segment] = []
      var string = ""
      for _ in 0..<Int.random(in: 0...12, using: &generator) {
        if Bool.random(using: &generator) {
          let control = controls[Int.random(in: controls.indices, using: &generator)]
          segments.append(.control(control.id))
          string += control.token
        } else {
          let text = atoms[Int.random(in: atoms.indices, using: &generator)]
          segments.append(.text(text))
          string += text
        }
      }
      let found = try tokenizer.encode(segments)
      let upstream = try tokenizer.encode(string, controlTokensInText: .matched)
      #expect(found.ids == upstream.ids, "\(name), seed \(seed)")
      #expect(found.offsets == upstream.offsets, "\(name), seed \(seed)")
      // Written as segments but matched: the same again.
      #expect(try tokenizer.encode(segments, controlTokensInText: .matched).ids == upstream.ids)
    }
  }

  @Test("segments' token ranges follow one another and hold what begins in them", arguments: names)
  func ranges(name: String) throws {
    let tokenizer = try Self.tokenizer(name)
    let label = try #require(tokenizer.id(of: "<<LABEL>>"))
    for seed in UInt64(0)..<300 {
      var generator = SeededGenerator(seed: seed)
      let segments = soup(&generator).map { atom -> Segment in
        Int.random(in: 0..<4, using: &generator) == 0 ? .control(label) : .text(atom)
      }
      let encoding = try tokenizer.encode(segments)
      let bare = try tokenizer.encode(segments, specialTokens: false)
      #expect(encoding.segmentStarts.count == segments.count + 1)
      #expect(encoding.segmentStarts == encoding.segmentStarts.sorted())
      // [CLS] comes before all of them.
      #expect(encoding.segmentStarts == bare.segmentStarts.map { $0 + 1 })
      #expect(bare.segmentStarts.first == 0 && bare.segmentStarts.last == bare.ids.count)
      for (index, segment) in segments.enumerated() {
        let range = encoding.tokenRange(ofSegment: index)
        switch segment {
        case .control(let id): #expect(encoding.ids[range].elementsEqual([id]))
        case .text(let text): if text.isEmpty { #expect(range.isEmpty) }
        }
      }
    }
  }

  @Test("a long text's tokens are found between labels and what follows")
  func textRange() throws {
    let tokenizer = try Self.tokenizer("byte-level-prefix")
    let label = try #require(tokenizer.id(of: "<<LABEL>>"))
    let sep = try #require(tokenizer.id(of: "<<SEP>>"))
    let encoding = try tokenizer.encode([
      .control(label), .text("sports"), .control(label), .text(""), .control(sep),
      .text("Hello world"), .text("!"),
    ])
    let text = encoding.tokenRange(ofSegment: 5)
    #expect(encoding.ids[text].map { tokenizer.token($0) ?? "" }.joined() == "ĠHelloĠworld")
    #expect(encoding.tokenRange(ofSegment: 3).isEmpty)
    #expect(encoding.ids[encoding.tokenRange(ofSegment: 4)] == [sep])
    #expect(encoding.tokenRange(ofSegment: 6) == text.upperBound..<encoding.ids.count - 1)
    // [CLS] and [SEP] are in no segment.
    #expect(encoding.segmentStarts.first == 1)
    #expect(encoding.offsets[0] == 0..<0)
    #expect(encoding.offsets[1] == 0..<9)
    #expect(encoding.offsets[text.lowerBound].lowerBound == 9 + 6 + 9 + 7)
  }

  @Test("an id without a token stands alone and takes no text")
  func unknownControl() throws {
    let tokenizer = try Self.tokenizer("byte-level")
    let encoding = try tokenizer.encode(
      [.text("a"), .control(1_000_000), .text("a")], specialTokens: false)
    let letter = try #require(tokenizer.id(of: "a"))
    #expect(encoding.ids == [letter, 1_000_000, letter])
    #expect(encoding.offsets == [0..<1, 1..<1, 1..<2])
  }

  @Test("encoding again, and on many threads, gives the same")
  func repeatable() async throws {
    let tokenizer = try Self.tokenizer("byte-level")
    let texts = (0..<40).map { seed -> String in
      var generator = SeededGenerator(seed: UInt64(seed))
      return soup(&generator, length: 60).joined()
    }
    let expected = try texts.map { try tokenizer.encode($0) }
    let found = try await withThrowingTaskGroup(of: (Int, Encoding).self) { group in
      for _ in 0..<4 {
        for (index, text) in texts.enumerated() {
          group.addTask { (index, try tokenizer.encode(text)) }
        }
      }
      var found: [(Int, Encoding)] = []
      for try await result in group { found.append(result) }
      return found
    }
    #expect(found.count == 160)
    for (index, encoding) in found { #expect(encoding == expected[index]) }
  }
}
