// `gliss model show`: what a model folder holds.

import ArgumentParser
import Gliss
import StrictJSON

struct ModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model", abstract: "Look at models, check them, and quantise them.",
    subcommands: [
      ModelListCommand.self, ModelShowCommand.self, ModelVerifyCommand.self,
      ModelQuantizeCommand.self, ModelDequantizeCommand.self,
    ])
}

struct ModelShowCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Load a model and say what it is.",
    discussion: """
        gliss model show
        gliss model show ./my-checkpoint
        gliss model show knowledgator/gliclass-edge-v3.0 --json

      A model is a folder with config.json, tokenizer.json and model.safetensors, or a name in \
      the Hugging Face cache (HF_HUB_CACHE, HF_HOME); with no name, the bundled one. Nothing is \
      downloaded.
      """
  )

  @OptionGroup var argument: ModelArgument

  @Flag(help: "One JSON object.")
  var json = false

  func run(in console: Console) throws(CommandError) {
    let info: ModelInfo
    let model = try console.model(argument.model)
    do {
      info = try Classifier(model: model).model
    } catch {
      throw CommandError(error)
    }
    var output = OutputStream(console.output)
    let facts = Self.facts(info)
    if json {
      output.append(
        JSON.object(JSONObject(facts.map { ($0.key, $0.value) })).serialized(pretty: true))
      output.append("\n")
    } else {
      output.append(
        FactTable.text(facts.map { (title: $0.title, text: FactTable.words($0.value)) }))
    }
    try output.flush()
  }

  private static func facts(_ info: ModelInfo) -> [(key: String, title: String, value: JSON)] {
    let files = info.files.map { file -> JSON in
      ["name": JSON(file.name), "bytes": JSON(file.byteCount)]
    }
    let types = info.tensorTypes.sorted { $0.key < $1.key }.map {
      (key: $0.key, value: JSON($0.value))
    }
    return [
      ("name", "Name", JSON(info.name)),
      ("folder", "Folder", JSON(info.folder)),
      ("origin", "Found through", JSON(info.origin.rawValue)),
      ("revision", "Revision", info.revision.map { JSON($0) } ?? .null),
      ("architecture", "Architecture", JSON(info.architecture)),
      ("encoder", "Encoder", JSON(info.encoder)),
      ("layers", "Layers", JSON(info.layerCount)),
      ("hidden_size", "Hidden size", JSON(info.hiddenSize)),
      ("heads", "Attention heads", JSON(info.headCount)),
      ("intermediate_size", "MLP width", JSON(info.intermediateSize)),
      ("vocabulary_size", "Vocabulary", JSON(info.vocabularySize)),
      ("context_length", "Context, tokens", JSON(info.contextLength)),
      ("parameters", "Parameters", JSON(info.parameterCount)),
      ("tensor_types", "Tensors by type", .object(JSONObject(types))),
      ("scorer", "Scorer", JSON(info.scorer)),
      ("label_pooling", "Label pooling", JSON(info.labelPooling)),
      ("text_pooling", "Text pooling", JSON(info.textPooling)),
      ("labels_first", "Labels before text", JSON(info.labelsFirst)),
      ("label_limit", "Label limit", info.labelLimit.map { JSON($0) } ?? .null),
      ("supports_examples", "In-context examples", JSON(info.supportsExamples)),
      ("unused_tensors", "Unused tensors", JSON(info.unusedTensors.map { JSON($0) })),
      ("precision", "Precision", JSON(info.precision.rawValue)),
      ("kernels", "Kernel set", JSON(info.kernels)),
      ("threads", "Threads", JSON(info.threads)),
      ("files", "Files, bytes", JSON(files)),
    ]
  }
}
