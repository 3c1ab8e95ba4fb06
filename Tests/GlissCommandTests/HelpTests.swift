// What the tool says of itself: completions, the manual, near misses.

import GlissCommand
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@Suite("gliss says of itself")
struct HelpTests {
  static let commands = [
    "classify", "tokenize", "model", "rerank", "eval", "bench", "doctor", "config",
    "completions", "man",
  ]

  /// Those of which only the commands in them have options.
  static let groups: Set = ["model", "bench", "eval"]

  @Test(
    "completions of every shell know every command and option", arguments: ["bash", "zsh", "fish"])
  func completions(_ shell: String) throws {
    let run = try ToolRun(["completions", shell])
    #expect(run.status == .success, "\(run.error)")
    for word in Self.commands + [
      "text-column", "quarantine", "output-format", "verify", "quantize",
    ] {
      #expect(run.output.contains(word), "\(word)")
    }
    #expect(try ToolRun(["completions", "tcsh"]).status == .usage)
  }

  /// bash itself reads the script and completes lines with it.
  @Test(
    "bash completes commands, options, values",
    arguments: [
      ("gliss cla", 1, "classify"), ("gliss model ver", 2, "verify"),
      ("gliss classify --quar", 2, "--quarantine"),
      ("gliss classify --output-format cs", 3, "csv"),
      ("gliss tokenize --input-format fast", 3, "fasttext"),
    ])
  func bash(_ line: String, _ word: Int, _ expected: String) throws {
    guard access("/bin/bash", X_OK) == 0 else { return }
    let folder = try TemporaryFolder()
    let script = try folder.write("gliss.bash", try ToolRun(["completions", "bash"]).output)
    let found = folder.path("found")
    let program = try folder.write(
      "complete.bash",
      """
      source '\(script)' || exit 3
      COMP_WORDS=(\(line)) COMP_CWORD=\(word) COMP_LINE='\(line)' COMP_POINT=\(line.utf8.count)
      COMP_TYPE=9
      function=$(complete -p gliss | sed 's/.*-F \\([^ ]*\\).*/\\1/')
      "$function" gliss "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
      printf '%s\\n' "${COMPREPLY[@]}" > '\(found)'
      """)
    #expect(system("/bin/bash '\(program)' 2>'\(folder.path("errors"))'") == 0)
    let words = String(decoding: try readBytes(found), as: UTF8.self).split { $0.isWhitespace }
    #expect(words.contains { $0 == expected }, "\(words)")
  }

  @Test("the manual has every command and option, and no line that would be a wrong request")
  func manual() throws {
    let run = try ToolRun(["man"])
    #expect(run.status == .success, "\(run.error)")
    for command in Self.commands {
      #expect(run.output.contains("\"gliss \(command)"), "\(command)")
      let help = try ToolRun([command, "--help"]).output
      for word in help.split(whereSeparator: { !$0.isLetter && $0 != "-" })
      where word.hasPrefix("--") && word.count > 2 && !Self.groups.contains(command) {
        let escaped = word.replacing("-", with: "\\-")
        #expect(run.output.contains(escaped), "\(command) \(word)")
      }
    }
    let requests: Set = [".TH", ".SH", ".SS", ".PP", ".TP", ".EX", ".EE"]
    for line in run.lines where line.hasPrefix(".") || line.hasPrefix("'") {
      #expect(requests.contains(String(line.prefix { $0 != " " })), "\(line)")
    }
    #expect(run.output.contains(".SH \"EXIT STATUS\"") || run.output.contains("Exit status"))
  }

  @Test(
    "knows what was meant",
    arguments: [
      ("clasify x", "gliss classify"), ("model verfy", "gliss model verify"),
      ("bench encodr", "gliss bench encoder"), ("classify x --lables a", "--labels"),
      ("classify x --labels a --tresholds 1", "--threshold"), ("confg", "gliss config"),
    ])
  func nearMisses(_ line: String, _ expected: String) throws {
    let run = try ToolRun(line.split(separator: " ").map(String.init))
    #expect(run.status == .usage)
    #expect(run.error.contains("id you mean"), "\(run.error)")
    #expect(run.error.contains(expected), "\(run.error)")
    #expect(run.output == "")
  }

  static let contradictions: [BadInput] = [
    .usage("classify --labels a --json --output-format csv", "--json", "csv", "give one"),
    .usage("classify --labels a --jsonl --output-format jsonl", "--jsonl"),
    .usage("classify --labels a --output-format xml", "'xml'", "csv"),
    .usage("classify --labels a --output-format", "--output-format"),
    .usage("classify --labels a --on-error quarantine", "FILE"),
    .usage("classify --labels a --on-error quarantine --json", "FILE"),
    .usage("classify --labels a --quarantine @folder/q", "--on-error quarantine"),
    .usage("classify --labels a --on-error skip --quarantine @folder/q", "found --on-error skip"),
    .usage("classify --labels a --on-error stop --quarantine @folder/q", "found --on-error stop"),
    .usage("classify --labels a --input @in --output @in", "same file", "@in"),
    .usage(
      "classify --labels a --output @folder/o --on-error quarantine @folder/o", "same file",
      "--quarantine"),
    .usage("classify --labels a --input-format lines --text-column x", "--text-column", "lines"),
    .usage("classify --labels a --input-format fasttext --text-column x", "fasttext"),
    .usage("classify --labels a --input-format jsonl --no-header", "--no-header", "jsonl"),
    .usage("classify --labels a --input-format lines --no-quotes", "--no-quotes", "lines"),
    .usage("classify --labels a --input-format tsv --delimiter ;", "--delimiter", "tsv"),
    .usage("classify --labels a --input-format csv --delimiter ;;", "--delimiter", "';;'"),
    .usage("classify --labels a --input-format csv --delimiter \"", "--delimiter", "quote"),
    .usage("classify --labels a --input-format csv --delimiter é", "--delimiter", "ASCII"),
    .usage("classify --labels a --input-format csv --delimiter=", "--delimiter"),
    .usage("classify --labels a --input", "--input"),
    .usage("classify --labels a --threads 0", "1 to 1024"),
    .usage("classify --labels a --threads two", "'two'"),
    .usage("classify --labels a --precision fast", "'fast'", "int8"),
    .usage("tokenize --output-format csv x", "--output-format"),
    .usage("tokenize --model a --tokenizer b x", "two tokenizers"),
    .usage("tokenize --on-error quarantine", "FILE"),
    .usage("tokenize --input @in --output @in", "same file"),
    .usage("tokenize --input - --input -", "standard input"),
    .usage("model verify a b", "b"),
    .usage("model list x", "x"),
    .usage("completions", "shell"),
    .usage("completions bash zsh", "zsh"),
    .usage("config --threads x", "'x'"),
    .usage("man x", "x"),
    BadInput(
      name: "an output in no folder",
      arguments: ["classify", "x", "--labels", "a", "--output", "/nowhere/o"],
      status: .inputOutput, names: ["/nowhere/o", "cannot be written"]),
    BadInput(
      name: "an output that is a folder",
      arguments: ["classify", "x", "--labels", "a", "--output", "@folder"],
      status: .missingInput, names: ["@folder", "folder"]),
    BadInput(
      name: "a quarantine in no folder",
      arguments: [
        "classify", "x", "--labels", "a", "--on-error", "quarantine", "/nowhere/q",
      ], status: .inputOutput, names: ["/nowhere/q", "cannot be written"]),
    BadInput(
      name: "a model that is nearly there",
      arguments: ["model", "show", "\(Golden.folder)/models/edg"], status: .missingInput,
      names: ["did you mean", "models/edge"]),
    BadInput(
      name: "a model list of no folder",
      arguments: ["model", "list", "--folder", "/nowhere/m"], status: .missingInput,
      names: ["/nowhere/m"]),
  ]

  @Test("command lines that cannot be obeyed", arguments: contradictions)
  func contradiction(_ input: BadInput) throws {
    try input.check()
  }
}
