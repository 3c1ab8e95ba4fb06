// Files that are written: whole or not at all, and what bad rows leave behind.

import GlissCommand
import StrictJSON
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@Suite("Files that gliss writes")
struct OutputFileTests {
  static let classify = ["classify", "--labels", "a", "--jsonl"]

  private func content(_ path: String) throws -> String {
    String(decoding: try readBytes(path), as: UTF8.self)
  }

  @Test("appear whole under their name, and nothing else does")
  func whole() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("out.jsonl")
    let run = try ToolRun(Self.classify + ["x", "y", "--output", path])
    #expect((run.status, run.output, run.error) == (.success, "", ""))
    #expect(try content(path).split(separator: "\n").count == 2)
    #expect(try folder.names() == ["out.jsonl"])
    let again = try ToolRun(Self.classify + ["x", "--output", path])
    #expect(again.status == .success)
    #expect(try content(path).split(separator: "\n").count == 1)
    #expect(try folder.names() == ["out.jsonl"])
  }

  @Test("stay as they were when the run fails")
  func failed() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("out.jsonl", "before\n")
    let run = try ToolRun(
      Self.classify + ["--output", path], input: "{\"text\":\"x\"}\n{\"text\":1}\n")
    #expect(run.status == .data)
    #expect(try content(path) == "before\n")
    #expect(try folder.names() == ["out.jsonl"])
    let none = try ToolRun(
      Self.classify + ["--output", folder.path("new")], input: "{\"text\":1}\n")
    #expect(none.status == .data)
    #expect(try folder.names() == ["out.jsonl"])
  }

  @Test("keep their mode, and a link stays a link")
  func modes() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("real", "before\n")
    #expect(chmod(path, 0o600) == 0)
    let link = try folder.link("link", to: path)
    #expect(try ToolRun(Self.classify + ["x", "--output", link]).status == .success)
    var status = stat()
    #expect(lstat(link, &status) == 0)
    #expect(status.st_mode & S_IFMT == S_IFLNK)
    #expect(stat(path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
    #expect(try content(path).hasPrefix("{\"index\":0"))
    #expect(try folder.names() == ["link", "real"])
  }

  @Test("are not replaced where they are devices")
  func devices() throws {
    let run = try ToolRun(Self.classify + ["x", "--output", "/dev/null"])
    #expect(run.status == .success, "\(run.error)")
    var status = stat()
    #expect(stat("/dev/null", &status) == 0)
    #expect(status.st_mode & S_IFMT == S_IFCHR)
  }

  @Test("are removed when a signal ends the run", arguments: [SIGINT, SIGTERM, SIGHUP])
  func signals(_ number: Int32) throws {
    let folder = try TemporaryFolder()
    let process = try ToolProcess(
      ProcessTests.tokenize + ["--output", folder.path("out"), "--input", "-"])
    process.write("one\n")
    var waits = 0
    while try folder.names().isEmpty, waits < 500 {
      usleep(10_000)
      waits += 1
    }
    #expect(try folder.names().count == 1, "the unfinished file")
    kill(process.identifier, number)
    #expect(process.end() == .signal(number))
    #expect(try folder.names() == [])
  }

  @Test("quarantine: every bad row, what is wrong with it, and status 65")
  func quarantine() throws {
    let folder = try TemporaryFolder()
    let input = try folder.write(
      "in.jsonl",
      Array("{\"text\":\"a\"}\nnot json\n{\"text\":\"refuse\"}\n".utf8) + [0x7B, 0xFF, 0x0A]
        + Array("{\"text\":7}\n{\"text\":\"b\"}\n".utf8))
    let bad = folder.path("bad.jsonl")
    let run = try ToolRun(Self.classify + ["--input", input, "--on-error", "quarantine", bad])
    #expect(run.status == .data)
    #expect(try run.lines.map { try JSON(parsing: $0)["index"]?.int } == [0, 5])
    #expect(
      run.error == "gliss: put 4 of 6 rows into \(bad); every other row was written\n")
    let rows = try content(bad).split(separator: "\n").map { try JSON(parsing: String($0)) }
    #expect(rows.map { $0["line"]?.int } == [2, 3, 4, 5])
    #expect(rows.allSatisfy { $0["input"]?.string == input })
    #expect(
      rows.map { $0["row"]?.string } == ["not json", "{\"text\":\"refuse\"}", nil, "{\"text\":7}"])
    #expect(rows[0]["byte"]?.int == 2)
    #expect(rows[2]["row_hex"]?.string == "7bff")
    #expect(rows[1]["error"]?.string == "the text was refused")
  }

  @Test("quarantine of columns: the row as it stood; of a good run: an empty file")
  func quarantineColumns() throws {
    let folder = try TemporaryFolder()
    let bad = folder.path("bad.jsonl")
    let arguments =
      Self.classify + ["--input-format", "csv", "--on-error", "quarantine", bad]
    let run = try ToolRun(arguments, input: "text,n\nrefuse,\"1\"\"2\"\nx\nok,3\n")
    #expect(run.status == .data)
    let rows = try content(bad).split(separator: "\n").map { try JSON(parsing: String($0)) }
    #expect(rows.map { $0["row"]?.string } == ["refuse,\"1\"\"2\"", "x"])
    #expect(try ToolRun(arguments, input: "text,n\nok,3\n").status == .success)
    #expect(try content(bad) == "")
  }
}
