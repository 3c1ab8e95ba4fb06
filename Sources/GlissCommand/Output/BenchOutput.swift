// Rows of measurements: a table that grows for people, one JSON object a line for programs.

import Benchmarking
import StrictJSON

/// One figure of a row: its key and value for programs, its column for people.
struct BenchField {
  /// A column's title and width; text is on the left, numbers are on the right.
  enum Column {
    case left(String, Int)
    case right(String, Int)
  }

  let key: String
  let value: JSON
  let column: Column?
  private let text: String

  /// A figure that only programs see.
  init(_ key: String, _ value: JSON) {
    self.key = key
    self.value = value
    column = nil
    text = ""
  }

  init(_ key: String, _ column: Column, _ value: String) {
    self.key = key
    self.value = JSON(value)
    self.column = column
    text = VisibleText.oneLine(value)
  }

  init(_ key: String, _ column: Column, _ value: Int) {
    self.key = key
    self.value = JSON(value)
    self.column = column
    text = String(value)
  }

  /// A number, drawn with so many decimals; nil is drawn as a dash.
  ///
  /// - Parameter json: What programs get in place of seven digits.
  init(_ key: String, _ column: Column, _ value: Double?, places: Int, json: JSON? = nil) {
    self.key = key
    self.value = json ?? Self.number(value)
    self.column = column
    text = value.map { Self.decimal($0, places: places) } ?? "-"
  }

  /// Seven digits are more than a timing has.
  static func number(_ value: Double?) -> JSON { value.map { JSON(Float($0)) } ?? .null }

  static func decimal(_ value: Double, places: Int) -> String {
    places > 0
      ? ScoreBars.decimal(Float(value), places: places)
      : value.isFinite && abs(value) < 1e15 ? FactTable.grouped(Int(value.rounded())) : "\(value)"
  }

  /// The title, or the figure under it, padded to the column.
  func cell(isTitle: Bool) -> String? {
    switch column {
    case nil: return nil
    case .left(let title, let width):
      return DisplayWidth.padded(isTitle ? title : text, to: width)
    case .right(let title, let width):
      let word = isTitle ? title : text
      return String(repeating: " ", count: max(0, width - word.utf8.count)) + word
    }
  }
}

/// Writes rows as they come, and says on standard error what is being measured.
struct BenchOutput: ~Copyable {
  private let json: Bool
  private var output: OutputStream
  private var status: StatusLine
  private var isFirst = true

  init(json: Bool, console: Console) {
    self.json = json
    output = OutputStream(console.output)
    status = StatusLine(console)
  }

  /// Measures the machine and writes the head of the table; programs get it in every row.
  mutating func begin(_ engines: [EngineChoice]) throws(CommandError) {
    guard !json, let engine = engines.first else { return }
    let rates: MachineRates
    do {
      rates = try MachineRates(engine)
    } catch {
      throw CommandError(error)
    }
    let peaks = rates.peaks.map { "\($0.unit) \(BenchField.decimal($0.rate, places: 0))" }
    var facts = [
      (
        "Machine",
        "\(rates.processor ?? "processor without a name"), \(rates.processorCount) in use"
      ),
      ("Kernel set", engine.kernels),
      (
        "Peaks now",
        "\(peaks.joined(separator: ", ")) GFLOP/s on \(rates.threads) threads; memory is read at "
          + "\(BenchField.decimal(rates.bandwidth, places: 1)) GB/s"
      ),
    ]
    if let state = rates.tileState {
      facts.append(
        (
          "AMX",
          "\(BenchField.decimal(state.ratio, places: 1)) times the multiply-adds: "
            + (state.isFull ? "at full rate" : "at a reduced rate")
        ))
    }
    output.append(FactTable.text(facts.map { (title: $0.0, text: $0.1) }) + "\n")
    try output.flush()
  }

  mutating func announce(_ text: String) { status.show(text) }

  mutating func append(_ fields: [BenchField]) throws(CommandError) {
    status.clear()
    if json {
      let object = JSONObject(fields.map { (key: $0.key, value: $0.value) })
      output.append(JSON.object(object).serialized() + "\n")
    } else {
      if isFirst { output.append(Self.line(fields, isTitle: true)) }
      output.append(Self.line(fields, isTitle: false))
    }
    isFirst = false
    try output.flush()
  }

  private static func line(_ fields: [BenchField], isTitle: Bool) -> String {
    var line = fields.compactMap { $0.cell(isTitle: isTitle) }.joined(separator: "  ")
    while line.last == " " { line.removeLast() }
    return line + "\n"
  }
}

/// One line on standard error that says what is going on; drawn only on a terminal.
struct StatusLine: ~Copyable {
  private let console: Console
  private let isShown: Bool
  private var isDrawn = false

  init(_ console: Console) {
    self.console = console
    isShown = Console.isTerminal(console.error) && console.environment["TERM"] != "dumb"
  }

  mutating func show(_ text: String) {
    guard isShown else { return }
    Interruption.setClearsLine(true)
    isDrawn = true
    write("\r\u{1B}[K" + VisibleText.oneLine(text))
  }

  mutating func clear() {
    guard isDrawn else { return }
    write("\r\u{1B}[K")
    isDrawn = false
    Interruption.setClearsLine(false)
  }

  deinit {
    if isDrawn { write("\r\u{1B}[K") }
  }

  private func write(_ text: String) {
    _ = writeAll(Array(text.utf8)[...], to: console.error)
  }
}
