// One malformed input or command line, and what has to be said of it.

import GlissCommand
import StrictJSON
import TestSupport
import Testing

/// A run of `gliss classify --labels a --jsonl` on one malformed file, unless it says otherwise.
struct BadInput: CustomTestStringConvertible, Sendable {
  let name: String
  /// `@in` is the file's path, `@folder` its folder.
  var arguments: [String]
  var bytes: [UInt8] = []
  var status = ExitStatus.data
  /// Every one of these is in the message.
  var names: [String]
  /// Rows before the fault that have been answered.
  var rowCount = 0

  var testDescription: String { name }

  private static let classify = ["classify", "--labels", "a", "--jsonl", "--input", "@in"]

  /// A file in `format`, broken on `line`.
  static func file(
    _ format: String, _ name: String, _ content: String, line: Int, _ names: String...
  ) -> BadInput {
    bytes(format, name, Array(content.utf8), line: line, names)
  }

  static func bytes(
    _ format: String, _ name: String, _ bytes: [UInt8], line: Int?, _ names: [String],
    options: [String] = [], rowCount: Int = 0
  ) -> BadInput {
    BadInput(
      name: "\(format): \(name)", arguments: classify + ["--input-format", format] + options,
      bytes: bytes, names: [line.map { "@in:\($0)" } ?? "@in"] + names, rowCount: rowCount)
  }

  /// A csv file read with options of its own.
  static func columns(
    _ name: String, _ content: String, _ options: [String], line: Int, _ names: String...
  ) -> BadInput {
    bytes("csv", name, Array(content.utf8), line: line, names, options: options)
  }

  /// A command line that cannot be obeyed.
  static func usage(_ arguments: String, _ names: String...) -> BadInput {
    BadInput(
      name: arguments, arguments: arguments.split(separator: " ").map(String.init),
      bytes: Array("x\n".utf8), status: .usage, names: names)
  }

  /// Runs it, and checks the status, the facts, and that nothing is half written.
  func check() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("in", bytes)
    func placed(_ text: String) -> String {
      text.replacing("@in", with: path).replacing("@folder", with: folder.path)
    }
    let run = try ToolRun(arguments.map(placed))
    #expect(run.status == status, "\(run.error)")
    for name in names { #expect(run.error.contains(placed(name)), "\(run.error)") }
    #expect(run.error.hasSuffix("\n"))
    let message = run.error.unicodeScalars
    #expect(!message.contains { $0.value < 0x20 && $0 != "\n" }, "\(run.error)")
    #expect(run.error.utf8.count < 4000, "\(run.error.utf8.count) bytes of message")
    #expect(run.lines.count == rowCount)
    for line in run.lines { #expect((try? JSON(parsing: line)) != nil, "half a line: \(line)") }
    #expect(run.output.isEmpty || run.output.hasSuffix("\n"))
    #expect(try folder.names() == ["in"], "nothing is left behind")
  }
}
