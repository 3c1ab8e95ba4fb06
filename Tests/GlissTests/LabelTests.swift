// Labels as trees: their names, their JSON, their bounds.

import Gliss
import TestSupport
import Testing

@Suite("Labels with descriptions, thresholds and groups")
struct LabelTests {
  @Test(
    "full names are upstream's flattened ones",
    arguments: [
      (#"["a", "b"]"#, ".", ["a", "b"]),
      (#"{"s": ["p", "n"], "t": ["x"]}"#, ".", ["s.p", "s.n", "t.x"]),
      (#"{"c": {"e": ["p", "l"], "k": "s"}}"#, " > ", ["c > e > p", "c > e > l", "c > k > s"]),
      (#"{"a": {"b": {"c": {"d": ["e"]}}}}"#, "/", ["a/b/c/d/e"]),
      (#"["x", {"label": "g", "children": ["y", {"label": "z"}]}]"#, ".", ["x", "g.y", "g.z"]),
      (#"[{"label": "g", "children": {"h": ["i"]}}]"#, "", ["ghi"]),
      (#"{"label": ["p", "q"]}"#, ".", ["label.p", "label.q"]),
    ])
  func names(json: String, separator: String, names: [String]) throws {
    #expect(try Label.fullNames(Label.parse(json: json), separator: separator) == names)
  }

  @Test("details are kept, and a group's threshold is that of its labels")
  func details() throws {
    let labels = try Label.parse(
      json: """
        [{"label": "g", "threshold": 0.75, "children": ["a",
          {"label": "b", "threshold": 0.25, "description": "the second"}]}, "c"]
        """)
    #expect(labels[0].threshold == 0.75 && labels[0].isGroup && !labels[1].isGroup)
    #expect(labels[0].children[1] == Label("b", description: "the second", threshold: 0.25))
    let result = try classifier("edge").classify("x", labels: labels)
    #expect(result.scores.map(\.threshold) == [0.75, 0.25, nil])
    #expect(result.scores.map(\.groups) == [["g"], ["g"], []])
  }

  @Test("a tree that is too deep cannot be built")
  func depth() throws {
    var label = Label("leaf")
    for _ in 1..<Label.depthLimit { label = try Label("g", children: [label]) }
    #expect(try Label.fullNames([label]).count == 1)
    let error = #expect(throws: GlissError.self) { try Label("g", children: [label]) }
    #expect(error?.kind == .data && error?.found == "\(Label.depthLimit + 1)")
    let nested = { (count: Int) in
      String(repeating: #"{"a":"#, count: count) + #""b""# + String(repeating: "}", count: count)
    }
    #expect(try Label.parse(json: nested(Label.depthLimit - 1)).count == 1)
    for count in [Label.depthLimit, 120, 500, 100_000] {
      #expect(throws: GlissError.self) { try Label.parse(json: nested(count)) }
    }
  }

  @Test("a name that repeats a million bytes in a hundred labels is refused before it is joined")
  func longNames() throws {
    let group = try Label(
      String(repeating: "n", count: 1 << 20), children: (0..<100).map { Label("\($0)") })
    let error = #expect(throws: GlissError.self) { try Label.fullNames([group]) }
    #expect(error?.kind == .data)
    let options = ClassificationOptions(
      phrasing: LabelPhrasing(template: String(repeating: "{} ", count: 1 << 20)))
    let labels = [Label(String(repeating: "n", count: 1 << 10))]
    #expect(throws: GlissError.self) {
      try classifier("edge").classify("x", labels: labels, options: options)
    }
  }

  @Test("a million labels: refused at once, with the advice to read them in chunks")
  func million() throws {
    let labels = (0..<1_000_000).map { Label("\($0)") }
    let error = #expect(throws: GlissError.self) {
      try classifier("edge").classify("x", labels: labels)
    }
    #expect(error?.kind == .data && error?.message.contains("--label-chunks") == true)
    #expect(throws: GlissError.self) { try Label.fullNames(labels + labels) }
  }

  @Test("a label of ten million bytes is refused with a short sentence")
  func tenMegabytes() throws {
    let label = String(repeating: "long ", count: 2_000_000)
    for labels in [[label], ["a", label, label]] {
      let error = #expect(throws: GlissError.self) {
        try classifier("edge").classify("x", labels: labels)
      }
      #expect(error?.kind == .data)
      #expect((error?.message.utf8.count ?? .max) < 1000)
    }
  }

  @Test(
    "malformed trees are refused with a sentence and the place",
    arguments: [
      "", " ", "[", "{", "nul", "null", "true", "7", "1e999", #""name""#, "[]", "{}", "[[]]",
      "[{}]",
      "[null]", "[7]", "[true]", "[[\"a\"]]", #"["a", 7]"#, #"["a", null]"#, #"[""]"#,
      #"["a", "a"]"#, #"["é", "e\u0301"]"#, #"{"a": []}"#, #"{"a": {}}"#, #"{"a": null}"#,
      #"{"a": 7}"#, #"{"a": [[]]}"#, #"{"a": [null]}"#, #"{"a": [""]}"#, #"{"": ["a"]}"#,
      #"{"a": "b", "a": "c"}"#, #"{"a": ["b", "b"]}"#, #"{"a": {"b": []}}"#, #"["a.b", "#,
      #"[{"label": 7}]"#, #"[{"label": null}]"#, #"[{"label": ""}]"#, #"[{"name": "a"}]"#,
      #"[{"label": "a", "treshold": 0.5}]"#, #"[{"label": "a", "threshold": 1.5}]"#,
      #"[{"label": "a", "threshold": -0.1}]"#, #"[{"label": "a", "threshold": NaN}]"#,
      #"[{"label": "a", "threshold": 1e400}]"#, #"[{"label": "a", "threshold": "0.5"}]"#,
      #"[{"label": "a", "description": 7}]"#, #"[{"label": "a", "description": ""}]"#,
      #"[{"label": "a", "children": []}]"#, #"[{"label": "a", "children": {}}]"#,
      #"[{"label": "a", "children": 7}]"#, #"[{"label": "a", "children": [{}]}]"#,
      #"[{"label": "a", "children": ["b", "b"]}]"#, #"[{"label": "a", "label": "b"}]"#,
      #"["a", {"label": "a", "children": ["b"]}]"#, #"[{"label": "a", "parent": "a"}]"#,
      #"[{"label": "g", "children": ["x"]}, {"label": "g", "children": ["y"]}]"#,
      "[\"\u{0}", "[\"\\ud800\"]", "[\"a\"] x", "[\"a\",]", "[\"g.a\", {\"label\": \"g\",",
    ])
  func malformed(json: String) {
    let error = #expect(throws: GlissError.self) {
      _ = try Label.fullNames(Label.parse(json: json))
    }
    #expect(error?.kind == .data, "\(json): \(error?.message ?? "")")
    #expect(error?.field?.isEmpty == false && error?.expected != nil && error?.found != nil)
  }
}
