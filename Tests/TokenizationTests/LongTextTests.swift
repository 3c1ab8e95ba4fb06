// Long texts are normalised a window at a time and tokenized some words at a time: what comes out does
// not show it.

import TestSupport
import Testing
import Tokenization

@Suite("Long texts")
struct LongTextTests {
  /// Words that normalizers change, of scalars that decompose, compose, vanish, widen and change
  /// places.
  private static let words = [
    " e\u{301}\u{315}\u{300}", " \u{1100}\u{1161}\u{11A8}", " \u{AC01}\u{D7A3}", " \u{C5}\u{2126}",
    " \u{FB01}\u{2460}", " \u{130}\u{DF}", " x\u{AD}\u{200B}y", " \u{FF21}\u{3000}\u{FF22}",
    " \u{4E16}\u{754C}", " word",
  ]

  @Test(
    "of one word again and again are that word's tokens again and again",
    arguments: ["byte-level", "word-piece", "sentence-xlm-roberta", "sentence-gemma"])
  func repeats(name: String) throws {
    let tokenizer = try SegmentTests.tokenizer(name)
    for word in Self.words {
      // The first words apart, before which a mark may be put.
      let few = try tokenizer.encode(String(repeating: word, count: 8), specialTokens: false)
      let more = try tokenizer.encode(String(repeating: word, count: 9), specialTokens: false)
      let period = more.ids.count - few.ids.count
      try #require(period > 0)
      let count = 5000
      let many = try tokenizer.encode(String(repeating: word, count: count), specialTokens: false)
      let shift = Int32(word.unicodeScalars.count)
      let start = 3 * period
      var (ids, offsets) = (Array(few.ids[..<start]), Array(few.offsets[..<start]))
      while ids.count < few.ids.count + (count - 8) * period {
        let place = ids.count - period
        ids.append(ids[place])
        offsets.append(offsets[place].lowerBound + shift..<offsets[place].upperBound + shift)
      }
      #expect(many.ids == ids, "\(word.debugDescription)")
      #expect(many.offsets == offsets, "\(word.debugDescription)")
    }
  }

  @Test("without offsets have the same tokens", arguments: try TokenizerGolden.all())
  func withoutOffsets(_ golden: TokenizerGolden) throws {
    let tokenizer = try Tokenizer(path: golden.file)
    for text in try golden.cases().map(\.text) {
      let segments: [Segment] = [.text(text), .text("a"), .text(text)]
      let encoding = try tokenizer.encode(segments)
      let lean = try tokenizer.encode(segments, offsets: false)
      #expect(lean.ids == encoding.ids)
      #expect(lean.segmentStarts == encoding.segmentStarts)
      #expect(lean.offsets.isEmpty)
    }
  }
}
