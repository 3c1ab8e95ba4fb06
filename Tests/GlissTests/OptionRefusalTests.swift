// Options of the pipeline that are out of range, and combinations that contradict themselves.

import Gliss
import TestSupport
import Testing

@Suite("Options that are refused")
struct OptionRefusalTests {
  static let cases: [(String, ClassificationOptions)] = [
    ("template", .init(phrasing: .init(template: ""))),
    ("template", .init(phrasing: .init(template: "about"))),
    ("template", .init(phrasing: .init(template: "{ }"))),
    ("template", .init(phrasing: .init(template: "{0}"))),
    ("threshold", .init(threshold: .infinity)), ("threshold", .init(threshold: -0.001)),
    ("threshold", .init(threshold: .signalingNaN)),
    ("selection.minimum", .init(selection: .init(minimum: -1))),
    ("selection.minimum", .init(selection: .init(minimum: .min))),
    ("selection.minimum", .init(selection: .init(minimum: 1, none: .label("n")))),
    ("selection.maximum", .init(selection: .init(maximum: 0))),
    ("selection.maximum", .init(selection: .init(maximum: -1))),
    ("selection.maximum", .init(selection: .init(minimum: 3, maximum: 2))),
    ("selection.none", .init(mode: .perGroup, selection: .init(none: .label("n")))),
    ("none", .init(selection: .init(none: .label("")))),
    ("none", .init(selection: .init(none: .whenNothingHolds(name: "")))),
    ("none", .init(selection: .init(none: .label("a")))),
    ("none", .init(selection: .init(none: .whenNothingHolds(name: "g.b")))),
    ("none", .init(selection: .init(none: .label("g")))),
    ("orders", .init(orders: .init(count: 0))),
    ("labelChunks", .init(labelChunks: .count(0))),
    ("characterWindows.size", .init(characterWindows: .init(size: 0, overlap: 0))),
    ("characterWindows.size", .init(characterWindows: .init(size: .min, overlap: 0))),
    ("characterWindows.overlap", .init(characterWindows: .init(size: 5, overlap: 5))),
    ("characterWindows.overlap", .init(characterWindows: .init(size: 5, overlap: -1))),
    ("characterWindows.overlap", .init(characterWindows: .init(size: 5, overlap: .max))),
    ("windowMerge", .init(windowMerge: .maxScore)),
    ("windowMerge", .init(longText: .window, windowMerge: .maxScore, characterWindows: .init())),
    ("maxTokens", .init(maxTokens: .min)), ("windowOverlap", .init(windowOverlap: .min)),
  ]

  @Test("each by the field that is wrong", arguments: cases)
  func refused(field: String, options: ClassificationOptions) throws {
    let labels = ["a", try Label("g", children: ["b"])]
    let error = #expect(throws: GlissError.self) {
      try classifier("edge").classify("x", labels: labels, options: options)
    }
    #expect(error?.field == field, "\(error?.message ?? "")")
    #expect(error?.kind == .usage || error?.kind == .data)
    #expect(error?.expected != nil && error?.found != nil)
  }

  @Test(
    "a threshold of a label that is no share",
    arguments: [Float.nan, .infinity, -.infinity, -0.5, 1.0001])
  func thresholds(threshold: Float) throws {
    let nested = try Label("g", children: [Label("b", threshold: threshold)])
    for labels in [[Label("a", threshold: threshold)], ["a", nested]] {
      let error = #expect(throws: GlissError.self) {
        try classifier("edge").classify("x", labels: labels)
      }
      #expect(error?.kind == .data && error?.field?.hasSuffix(".threshold") == true)
    }
  }

  @Test("a bad request leaves its neighbours alone, whatever they share")
  func neighbours() throws {
    let model = try classifier("edge")
    let good = ClassificationRequest(text: "x", labels: ["a", "b"])
    var bad = good
    bad.options.phrasing.template = "no place"
    var long = good
    long.text = String(repeating: "word ", count: 5000)
    let outcomes = model.outcomes(of: [good, bad, long, good])
    let expected = try model.classify([good])[0]
    #expect(try outcomes[0].get() == expected)
    #expect(try outcomes[3].get() == expected)
    for index in [1, 2] {
      let error = #expect(throws: GlissError.self) { try outcomes[index].get() }
      #expect(error?.item == index)
    }
  }
}
