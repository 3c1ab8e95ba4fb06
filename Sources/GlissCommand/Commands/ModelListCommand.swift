// `gliss model list`: the models of this machine.

import ArgumentParser
import ModelStore
import StrictJSON

struct ModelListCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the models of this machine, with what each is.",
    discussion: """
        gliss model list
        gliss model list --folder ~/models
        gliss model list --all --json

      The bundled model, what GLISS_MODEL names, and the Hugging Face cache (HF_HUB_CACHE, \
      HF_HOME); with --folder also a folder of models. The first column is what --model takes. \
      Nothing is downloaded, and nothing but config.json is read.
      """
  )

  @Option(
    help: ArgumentHelp("A folder that holds models; repeat it.", valueName: "folder"),
    completion: .directory)
  var folder: [String] = []

  @Flag(help: "Models of other kinds than GLiClass too.")
  var all = false

  @Flag(help: "One JSON array.")
  var json = false

  func run(in console: Console) throws(CommandError) {
    for folder in folder where ModelSearch.isFolder(folder) != true {
      throw .notFound(path: folder)
    }
    let models = ModelSearch().list(folders: folder).filter { all || $0.isGLiClass }
    var output = OutputStream(console.output)
    if json {
      output.append(JSON(models.map(Self.object)).serialized(pretty: true) + "\n")
    } else {
      output.append(Self.text(models))
    }
    try output.flush()
  }

  private static func text(_ models: [ModelEntry]) -> String {
    guard !models.isEmpty else { return "no models found; --folder looks into a folder\n" }
    let rows =
      [["model", "architecture", "encoder", "size", "MB", "found through"]]
      + models.map { model in
        [
          VisibleText.oneLine(model.location.name), model.architecture ?? "-",
          model.modelType ?? "-",
          model.layerCount.map { "\($0) x \(model.hiddenSize ?? 0)" } ?? "-",
          ScoreBars.decimal(Float(model.byteCount) / 1e6, places: 1),
          model.problem.map { VisibleText.oneLine($0) } ?? model.location.origin.rawValue,
        ]
      }
    let widths = rows[0].indices.map { column in
      rows.reduce(0) { max($0, DisplayWidth.of($1[column])) }
    }
    return rows.map { row in
      row.enumerated().map { column, cell in
        column == row.count - 1 ? cell : DisplayWidth.padded(cell, to: widths[column])
      }.joined(separator: "  ") + "\n"
    }.joined()
  }

  private static func object(_ model: ModelEntry) -> JSON {
    [
      "name": JSON(model.location.name), "folder": JSON(model.location.folder),
      "origin": JSON(model.location.origin.rawValue),
      "revision": model.location.revision.map { JSON($0) } ?? .null,
      "architecture": model.architecture.map { JSON($0) } ?? .null,
      "encoder": model.modelType.map { JSON($0) } ?? .null,
      "layers": model.layerCount.map { JSON($0) } ?? .null,
      "hidden_size": model.hiddenSize.map { JSON($0) } ?? .null,
      "bytes": JSON(model.byteCount), "problem": model.problem.map { JSON($0) } ?? .null,
    ]
  }
}
