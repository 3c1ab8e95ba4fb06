// `gliss tokenize`: texts to token ids.

import ArgumentParser
import Tokenization

struct TokenizeCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize",
    abstract: "Show how a model's tokenizer cuts texts.",
    discussion: """
        gliss tokenize "Hello, world"
        gliss tokenize --model ./my-checkpoint --input texts.txt
        gliss tokenize --tokenizer tokenizer.json --jsonl <rows.jsonl >ids.jsonl

      Texts come from the command line, from files, or from standard input, in any of the formats \
      of gliss classify. With --jsonl, a line a text: {"ids", "tokens", "offsets"}, special \
      tokens included; an offset is [begin, end) in Unicode scalars of the text. Without it, the \
      tokens of a text on a line, with tabs between. The file's own truncation and padding are \
      ignored.

      Control tokens such as [SEP] or <<LABEL>> inside a text are plain characters, as they are to \
      gliss classify.
      """
  )

  @Argument(help: ArgumentHelp("Texts; - reads standard input.", valueName: "text"))
  var texts: [String] = []

  @Option(
    help: ArgumentHelp(
      "The model whose tokenizer it is: a folder, or a name in the Hugging Face cache. Default: "
        + "GLISS_MODEL, else the bundled model.", valueName: "model"))
  var model: String?

  @Option(help: ArgumentHelp("A tokenizer.json, instead of a model.", valueName: "file"))
  var tokenizer: String?

  @Flag(help: "Leave out the special tokens that the file adds around a text.")
  var noSpecialTokens = false

  @Flag(help: "Let control tokens inside texts act, as upstream does.")
  var rawControlTokens = false

  @Flag(help: "One JSON object a line.")
  var jsonl = false

  @OptionGroup(title: "Input") var input: InputOptions

  @OptionGroup(title: "Output") var output: OutputOptions

  func validate() throws {
    if model != nil, tokenizer != nil {
      throw ValidationError("--model and --tokenizer name two tokenizers: give one of them")
    }
    if input.input.filter({ $0 == "-" }).count > 1 {
      throw ValidationError("standard input can be read once: only one --input may be -")
    }
  }

  func run(in console: Console) throws(CommandError) {
    let inputs = input.inputs(texts: texts)
    _ = try InputCheck.totalByteCount(of: inputs, console: console)
    let tokenizer = try TokenizerChoice.load(model: try console.model(model), file: tokenizer)
    var run = try TokenizeRun(self, inputs: inputs, tokenizer: tokenizer, console: console)
    try run.run()
  }
}

/// Rows in, ids out, one at a time.
private struct TokenizeRun: ~Copyable {
  /// What is gathered before a write, while rows keep coming.
  private static let writeByteCount = 1 << 16

  private let command: TokenizeCommand
  private let tokenizer: Tokenizer
  private var source: RowSource
  private let file: OutputFile?
  private var output: OutputStream
  private var faults: RowFaults

  init(
    _ command: TokenizeCommand, inputs: [RowSource.Input], tokenizer: Tokenizer, console: Console
  ) throws(CommandError) {
    let faults = try RowFaults(command.input, console: console)
    let file = try command.output.file(besides: command.input)
    self.command = command
    self.tokenizer = tokenizer
    source = command.input.source(of: inputs, console: console)
    self.file = file
    output = command.output.stream(file, console: console)
    self.faults = faults
  }

  mutating func run() throws(CommandError) {
    do {
      try encodeAll()
    } catch {
      // Rows before the failure are whole; they are written.
      if case .outputClosed = error { throw error }
      try output.flush()
      throw error
    }
    try file?.commit()
    try faults.finish()
  }

  private mutating func encodeAll() throws(CommandError) {
    while true {
      switch try source.next(waiting: output.isEmpty) {
      case .end:
        try output.flush()
        return
      case .notReady: try output.flush()
      case .bad(let error, let original):
        faults.countRow()
        try faults.handle(error, original: original)
      case .row(let row):
        faults.countRow()
        do {
          try encode(try RowFields.text(row), row.location)
        } catch {
          try faults.handle(error, original: row.original)
        }
        if output.byteCount >= Self.writeByteCount { try output.flush() }
      }
    }
  }

  private mutating func encode(_ text: String, _ location: RowLocation) throws(RowError) {
    let (tokenizer, command) = (tokenizer, command)
    let encoding: Encoding
    do throws(TokenizerError) {
      encoding = try tokenizer.encode(
        text, specialTokens: !command.noSpecialTokens,
        controlTokensInText: command.rawControlTokens ? .matched : .literal)
    } catch {
      throw RowError(location, "\(error)")
    }
    output.append { bytes in
      if command.jsonl {
        Self.object(encoding, tokenizer, to: &bytes)
      } else {
        let tokens = encoding.ids.map { VisibleText.oneLine(tokenizer.token($0) ?? "") }
        bytes.append(contentsOf: tokens.joined(separator: "\t").utf8)
      }
      bytes.append(UInt8(ascii: "\n"))
    }
  }

  /// `{"ids", "tokens", "offsets"}`.
  private static func object(
    _ encoding: Encoding, _ tokenizer: Tokenizer, to bytes: inout [UInt8]
  ) {
    bytes.append(UInt8(ascii: "{"))
    JSONText.appendKey("ids", to: &bytes)
    JSONText.appendArray(encoding.ids, to: &bytes) { JSONText.append(Int($0), to: &$1) }
    JSONText.appendKey("tokens", to: &bytes)
    JSONText.appendArray(encoding.ids, to: &bytes) {
      JSONText.append(tokenizer.token($0) ?? "", to: &$1)
    }
    JSONText.appendKey("offsets", to: &bytes)
    JSONText.appendArray(encoding.offsets, to: &bytes) { offset, bytes in
      bytes.append(UInt8(ascii: "["))
      JSONText.append(Int(offset.lowerBound), to: &bytes)
      bytes.append(UInt8(ascii: ","))
      JSONText.append(Int(offset.upperBound), to: &bytes)
      bytes.append(UInt8(ascii: "]"))
    }
    bytes.append(UInt8(ascii: "}"))
  }
}
