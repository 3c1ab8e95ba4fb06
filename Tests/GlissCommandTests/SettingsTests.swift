import Gliss
import GlissCommand
import StrictJSON
import TestSupport
import Testing

@Suite("Settings")
struct SettingsTests {
  static let file =
    "{\"model\": \"m\", \"precision\": \"int8\", \"kernels\": \"avx2\", \"threads\": 3}"

  private func choice(
    _ arguments: [String], _ environment: [String: String]
  ) throws -> (model: String?, options: Classifier.Options) {
    let model = StandInModel()
    let run = try ToolRun(
      ["classify", "x", "--labels", "a"] + arguments, environment: environment, model: model)
    #expect(run.status == .success, "\(run.error)")
    let choice = try #require(model.choice)
    return (choice.model, choice.options)
  }

  @Test("an option goes before a variable, a variable before the file, the file before the rest")
  func precedence() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("settings.json", Self.file)
    let file = try choice([], ["GLISS_CONFIG": path])
    #expect(file.model == "m")
    #expect(file.options == Classifier.Options(precision: .int8, kernels: "avx2", threads: 3))
    // The library reads GLISS_MODEL and GLISS_KERNELS itself.
    let variables = try choice(
      [],
      [
        "GLISS_CONFIG": path, "GLISS_MODEL": "n", "GLISS_KERNELS": "scalar",
        "GLISS_PRECISION": "f32", "GLISS_THREADS": "2",
      ])
    #expect(variables.model == nil)
    #expect(variables.options == Classifier.Options(precision: .f32, kernels: nil, threads: 2))
    let options = try choice(
      ["--model", "o", "--precision", "auto", "--kernels", "avx512", "--threads", "1"],
      ["GLISS_CONFIG": path, "GLISS_PRECISION": "f32"])
    #expect(options.model == "o")
    #expect(options.options == Classifier.Options(precision: .auto, kernels: "avx512", threads: 1))
    #expect(try choice([], [:]).options == Classifier.Options())
  }

  @Test("the file is the user's own, wherever the environment says that is")
  func places() throws {
    let folder = try TemporaryFolder()
    try folder.write("gliss/config.json", "{\"threads\": 5}")
    try folder.write(".config/other", "")
    try folder.write(".config/gliss/config.json", "{\"threads\": 7}")
    #expect(try choice([], ["XDG_CONFIG_HOME": folder.path]).options.threads == 5)
    #expect(try choice([], ["HOME": folder.path]).options.threads == 7)
    #expect(try choice([], ["HOME": folder.path("none")]).options.threads == nil)
    #expect(try choice([], ["GLISS_CONFIG": "", "HOME": folder.path]).options.threads == 7)
  }

  @Test("gliss config says where each value comes from")
  func config() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("settings.json", "{\"kernels\": \"avx2\", \"threads\": 3}")
    let environment = ["GLISS_CONFIG": path, "GLISS_THREADS": "2", "GLISS_PRECISON": "f32"]
    let run = try ToolRun(["config", "--precision", "int8", "--json"], environment: environment)
    #expect(run.status == .success, "\(run.error)")
    let report = try JSON(parsing: run.output)
    let rows = try #require(report["settings"]?.array)
    #expect(rows.map { $0["name"]?.string } == ["model", "precision", "kernels", "threads"])
    #expect(rows.map { $0["value"]?.string } == ["bundled", "int8", "avx2", "2"])
    #expect(rows.map { $0["from"]?.string } == ["built in", "option", path, "GLISS_THREADS"])
    #expect(report["file_is_there"]?.bool == true)
    #expect(
      run.error.contains("GLISS_PRECISON is no variable of gliss; did you mean GLISS_PRECISION"))
    let text = try ToolRun(["config"], environment: environment)
    #expect(text.output.contains("option, environment, file, built in"))
    #expect(text.lines.first { $0.hasPrefix("kernels") }?.hasSuffix(path) == true)
  }

  @Test(
    "a settings file that is none ends the run, and says why",
    arguments: [
      ("", "not JSON"), ("[]", "one object"), ("{\"modle\": \"x\"}", "did you mean model?"),
      ("{\"model\": 1}", "model should be"), ("{\"model\": \"\"}", "not empty"),
      ("{\"model\": null}", "found null"), ("{\"threads\": 0}", "1 to 1024"),
      ("{\"threads\": \"2\"}", "threads should be"), ("{\"threads\": 1.5}", "threads should be"),
      ("{\"precision\": \"f16\"}", "one of auto"), ("{\"threads\": 1, \"threads\": 2}", "not JSON"),
      ("{\"threads\": 1,}", "not JSON"), ("{\"model\": \"a\\u0000\"}", "zero bytes"),
      ("{\"x\": {\"y\": 1}}", "the key should be"),
      ("{\"model\": \"" + String(repeating: "a", count: 70_000) + "\"}", "longer than 65536"),
    ])
  func malformed(_ content: String, _ fact: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("settings.json", content)
    for command in [
      ["config"], ["classify", "x", "--labels", "a"], ["tokenize", "x"], ["doctor"],
    ] {
      let run = try ToolRun(command, environment: ["GLISS_CONFIG": path])
      #expect(run.status == .data)
      #expect(run.error.contains(path), "\(run.error)")
      #expect(run.error.contains(fact), "\(run.error)")
      #expect(run.output == "")
    }
  }

  @Test(
    "variables that cannot be obeyed",
    arguments: [
      ("GLISS_THREADS", "0", 64), ("GLISS_THREADS", "many", 64), ("GLISS_THREADS", "1025", 64),
      ("GLISS_PRECISION", "f16", 64), ("GLISS_CONFIG", "/nowhere/at/all.json", 66),
      ("GLISS_CONFIG", "/tmp", 66),
    ] as [(String, String, Int32)])
  func variables(_ name: String, _ value: String, _ status: Int32) throws {
    let run = try ToolRun(["classify", "x", "--labels", "a"], environment: [name: value])
    #expect(run.status.rawValue == status)
    #expect(run.error.contains(value), "\(run.error)")
  }
}
