// `gliss config`: every setting, and where its value comes from.

import ArgumentParser
import Gliss
import StrictJSON

struct ConfigCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "Show every setting, and where its value comes from.",
    discussion: """
        gliss config
        gliss config --precision f32 --json
        GLISS_CONFIG=./team.json gliss config

      An option goes before an environment variable, a variable before the settings file, the \
      file before what is built in. The file is the one GLISS_CONFIG names, else \
      $XDG_CONFIG_HOME/gliss/config.json, else ~/.config/gliss/config.json; it holds one JSON \
      object, such as {"model": "knowledgator/gliclass-edge-v3.0", "threads": 4}. A key or a \
      value it should not have is an error. gliss bench reads no settings file.
      """
  )

  @OptionGroup(title: "Settings") var engine: EngineOptions

  @Flag(help: "One JSON object.")
  var json = false

  func run(in console: Console) throws(CommandError) {
    let settings = try console.settings()
    let rows = SettingKey.allCases.map { key in
      option(key).map { Setting(key: key, value: $0, source: .option) } ?? settings[key]
    }
    var output = OutputStream(console.output)
    output.append(json ? Self.object(rows, settings) : Self.text(rows, settings))
    try output.flush()
    for (name, near) in Self.strangers(in: console.environment) {
      let advice = near.map { "; did you mean \($0)?" } ?? ""
      console.report("gliss: \(VisibleText.oneLine(name)) is no variable of gliss\(advice)")
    }
  }

  private func option(_ key: SettingKey) -> String? {
    switch key {
    case .model: engine.machine.model
    case .precision: engine.precision?.rawValue
    case .kernels: engine.machine.kernels
    case .threads: engine.machine.threads.map { "\($0)" }
    }
  }

  /// Variables that look like ours and are not, with the one they were probably meant to be.
  private static func strangers(in environment: [String: String]) -> [(String, String?)] {
    let known = SettingKey.allCases.map(\.variable) + [Settings.fileVariable]
    return environment.keys.sorted().filter { $0.hasPrefix("GLISS_") && !known.contains($0) }
      .map { ($0, Suggestion.nearest(to: $0, among: known)) }
  }

  private static func text(_ rows: [Setting], _ settings: Settings) -> String {
    let facts = rows.map { row in
      (
        title: row.key.rawValue,
        text: DisplayWidth.padded(VisibleText.oneLine(row.value), to: 24) + "  "
          + VisibleText.oneLine(row.source.words)
      )
    }
    let path = settings.path.map { VisibleText.oneLine($0) } ?? "none: there is no home folder"
    return FactTable.text(
      facts + [
        ("file", settings.isFileThere ? path : path + " (not there)"),
        ("order", "option, environment, file, built in"),
      ])
  }

  private static func object(_ rows: [Setting], _ settings: Settings) -> String {
    let members = rows.map { row -> JSON in
      [
        "name": JSON(row.key.rawValue), "value": JSON(row.value),
        "from": JSON(row.source.words), "variable": JSON(row.key.variable),
      ]
    }
    let object: JSON = [
      "settings": JSON(members), "file": settings.path.map { JSON($0) } ?? .null,
      "file_is_there": JSON(settings.isFileThere),
    ]
    return object.serialized(pretty: true) + "\n"
  }
}
