import GlissCommand
import Testing

@Suite("Drawing for people")
struct DisplayTests {
  @Test(
    "columns of text",
    arguments: [
      ("", 0), ("abc", 3), ("日本語", 6), ("한국어", 6), ("ｆｕｌｌ", 8), ("e\u{301}", 1), ("é", 1),
      ("👍", 2), ("👩‍👩‍👧", 2), ("🇩🇪", 2), ("❤️", 2), ("a\u{200B}b", 2), ("Ωж", 2),
    ])
  func width(_ text: String, _ columns: Int) {
    #expect(DisplayWidth.of(text) == columns)
  }

  @Test("clipping never exceeds the columns it is given")
  func clipping() {
    for text in ["short", "日本語のテキスト", "e\u{301}e\u{301}e\u{301}", "👍👍👍"] {
      for columns in 0...12 {
        let clipped = DisplayWidth.clipped(text, to: columns)
        #expect(DisplayWidth.of(clipped) <= columns)
        #expect(columns < DisplayWidth.of(text) || clipped == text)
      }
    }
  }

  @Test("text from outside cannot steer a terminal")
  func visible() {
    #expect(VisibleText.oneLine("a\tb\nc\r") == "a b c ")
    #expect(
      VisibleText.oneLine("\u{1B}[2J\u{9B}x\u{202E}y\u{7F}")
        == "\u{FFFD}[2J\u{FFFD}x\u{FFFD}y\u{FFFD}")
  }

  @Test(
    "decimals",
    arguments: [
      (Float(0), "0.000"), (0.0004, "0.000"), (0.0006, "0.001"), (1, "1.000"), (-1.5, "-1.500"),
      (0.9996, "1.000"), (-0.0001, "0.000"), (12.3456, "12.346"),
    ])
  func decimal(_ value: Float, _ text: String) {
    #expect(ScoreBars.decimal(value, places: 3) == text)
  }

  @Test(
    "bars are aligned, whatever the labels, and fit the terminal", arguments: [20, 40, 80, 200])
  func bars(_ columns: Int) {
    let terminal = Terminal(
      isInteractive: true, hasColour: false, columns: columns, isUnicode: true)
    var bytes: [UInt8] = []
    let labels = ["a", "日本語", "a long label that will not fit everywhere", "👍 ok"]
    let bars = labels.enumerated().map {
      ScoreBars.Bar(label: $1, score: Float($0) / 3, logit: Float($0) - 1.5, isSelected: $0 > 1)
    }
    ScoreBars(terminal: terminal).append(
      text: String(repeating: "text ", count: 60), bars: bars, note: nil, to: &bytes)
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 5)
    #expect(Set(lines.dropFirst().map { DisplayWidth.of(String($0)) }).count == 1)
    #expect(lines.allSatisfy { DisplayWidth.of(String($0)) <= max(columns, 34) })
  }

  @Test("progress: rate, share and time left")
  func progress() {
    func line(_ rows: Int, _ seconds: Double, _ share: Double?, _ columns: Int) -> String {
      let terminal = Terminal(
        isInteractive: true, hasColour: false, columns: columns, isUnicode: columns == 81)
      return Progress.line(rowCount: rows, seconds: seconds, share: share, terminal: terminal)
    }
    let words = "25%  1200 rows  300 rows/s  about 12 s left"
    let bar = String(repeating: "#", count: 7) + String(repeating: "-", count: 23)
    #expect(line(1200, 4, 0.25, 80) == "[\(bar)]  " + words)
    #expect(line(1200, 4, 0.25, 81).hasPrefix("███████░"))
    #expect(line(1200, 4, 0.25, 50) == words)
    #expect(line(1200, 4, 1.5, 80).contains("100%"))
    #expect(line(3, 2, nil, 80) == "3 rows  1.5 rows/s")
    for columns in [20, 40, 60, 81, 200] {
      #expect(DisplayWidth.of(line(123_456, 5000, 0.01, columns)) < columns)
    }
    #expect(Progress.duration(61) == "1 min 1 s")
    #expect(Progress.duration(7260) == "2 h 1 min")
    #expect(Progress.duration(.infinity) == "0 s")
  }

  @Test(
    "colour and width follow the environment",
    arguments: [
      ([:], false, false), (["FORCE_COLOR": "1"], true, true), (["FORCE_COLOR": "0"], false, false),
      (["FORCE_COLOR": "1", "NO_COLOR": "1"], true, false),
      (["FORCE_COLOR": "1", "TERM": "dumb"], true, true), (["NO_COLOR": ""], false, false),
    ] as [([String: String], Bool, Bool)])
  func environment(_ environment: [String: String], _ interactive: Bool, _ colour: Bool) {
    // -1 is no terminal.
    let terminal = Terminal(-1, environment: environment.merging(["COLUMNS": "72"]) { $1 })
    #expect(terminal.isInteractive == interactive)
    #expect(terminal.hasColour == colour)
    #expect(terminal.columns == 72)
  }

  @Test(
    "did you mean",
    arguments: [
      ("clasify", "classify"), ("calssify", "classify"), ("Classify", "classify"),
      ("tokenise", "tokenize"), ("doktor", "doctor"), ("mdoel", "model"), ("x", nil),
      ("serve", nil), ("", nil),
    ] as [(String, String?)])
  func suggestion(_ word: String, _ expected: String?) {
    let commands = ["classify", "tokenize", "model", "doctor", "help"]
    #expect(Suggestion.nearest(to: word, among: commands) == expected)
  }
}
