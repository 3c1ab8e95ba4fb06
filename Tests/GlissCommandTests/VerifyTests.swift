// `gliss model verify` and `list`, on models that are sound and on models that are not.

import GlissCommand
import StrictJSON
import TestSupport
import Testing

@Suite("gliss model verify and list")
struct VerifyTests {
  static let model = "\(Golden.folder)/models/edge"

  /// A copy of a golden's folder.
  private func copy() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for name in ["config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"] {
      try folder.write(name, try readBytes("\(Self.model)/\(name)"))
    }
    return folder
  }

  private func verify(_ path: String) throws -> (status: GlissCommand.ExitStatus, report: JSON) {
    let run = try ToolRun(["model", "verify", path, "--json"])
    return (run.status, try JSON(parsing: run.output))
  }

  private func failed(_ report: JSON) -> [String] {
    (report["checks"]?.array ?? []).filter { $0["ok"]?.bool == false }
      .compactMap { $0["name"]?.string }
  }

  @Test("a sound model passes five checks")
  func sound() throws {
    let (status, report) = try verify(Self.model)
    #expect(status == .success)
    #expect(report["ok"]?.bool == true)
    #expect(report["checks"]?.array?.count == 5)
    #expect(report["files"]?.array?.allSatisfy { $0["sha256"]?.string?.utf8.count == 64 } == true)
    let text = try ToolRun(["model", "verify", Self.model])
    #expect(text.lines.count { $0.hasPrefix("ok ") } == 5)
    #expect(!text.output.contains("FAILED"))
  }

  @Test("the bundled model is what its SHA256SUMS say")
  func bundled() throws {
    let run = try ToolProcess.run(["model", "verify", "--json"])
    #expect(run.end == .status(0), "\(run.error)")
    let report = try JSON(parsing: run.output)
    let files = try #require(report["files"]?.array)
    #expect(files.count { $0["compared_with"]?.string == "SHA256SUMS" } >= 4)
  }

  @Test("a number that is none is found, and the model refused")
  func notFinite() throws {
    let folder = try copy()
    var bytes = try readBytes(folder.path("model.safetensors"))
    for offset in 1...4 { bytes[bytes.count - offset] = 0xFF }
    try folder.write("model.safetensors", bytes)
    let (status, report) = try verify(folder.path)
    #expect(status == .data)
    #expect(failed(report).contains("tensors"))
    let fault = report["checks"]?.array?[2]["faults"]?.array?.first?.string
    #expect(fault?.contains("1 NaN") == true, "\(report)")
  }

  @Test("a file that has changed is found")
  func changed() throws {
    let folder = try copy()
    let zeros = String(repeating: "0", count: 64)
    try folder.write("SHA256SUMS", "\(zeros)  tokenizer.json\n")
    let (status, report) = try verify(folder.path)
    #expect(status == .data)
    #expect(failed(report) == ["hashes"])
  }

  @Test(
    "what is missing or cut is named",
    arguments: [
      ("tokenizer.json", ["files", "model", "result"]),
      ("model.safetensors", ["files", "tensors", "model", "result"]),
    ] as [(String, [String])])
  func missing(_ name: String, _ expected: [String]) throws {
    let folder = try copy()
    folder.removeFile(name)
    let (status, report) = try verify(folder.path)
    #expect(status == .data)
    #expect(failed(report) == expected)
    let bytes = try readBytes("\(Self.model)/\(name)")
    try folder.write(name, Array(bytes[..<(bytes.count / 2)]))
    #expect(try failed(verify(folder.path).report) == expected.filter { $0 != "files" })
  }

  @Test("a shape that does not fit the config is found")
  func shapes() throws {
    let folder = try copy()
    let config = String(decoding: try readBytes(folder.path("config.json")), as: UTF8.self)
    let size = try #require(JSON(parsing: config)["encoder_config"]?["num_hidden_layers"]?.int)
    try folder.write(
      "config.json",
      config.replacing("\"num_hidden_layers\": \(size)", with: "\"num_hidden_layers\": \(size + 1)")
    )
    let (status, report) = try verify(folder.path)
    #expect(status == .data)
    #expect(failed(report) == ["model", "result"])
  }

  @Test("no model at all")
  func nowhere() throws {
    let run = try ToolRun(["model", "verify", "/nowhere/at/all"])
    #expect(run.status == .missingInput)
    #expect(run.output == "")
  }

  @Test("list shows folders of models, and says what they are")
  func list() throws {
    let run = try ToolRun(["model", "list", "--folder", "\(Golden.folder)/models"])
    #expect(run.status == .success, "\(run.error)")
    #expect(run.lines.contains { $0.contains("models/edge ") && $0.contains("uni-encoder") })
    let json = try ToolRun(["model", "list", "--folder", "\(Golden.folder)/models", "--json"])
    let models = try #require(JSON(parsing: json.output).array)
    let edge = models.first { $0["folder"]?.string == Self.model }
    #expect(edge?["encoder"]?.string == "modernbert")
    #expect(try #require(edge?["layers"]?.int) > 0)
  }
}
