// `gliss model dequantize`: a copy of a quantised model that every other program reads.

import ArgumentParser
import Gliss

struct ModelDequantizeCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "dequantize",
    abstract: "Write a copy of a quantised GLiClass model in floats.",
    discussion: """
        gliss model dequantize --output ./floats
        gliss model dequantize ./my-checkpoint-int8 --output ./my-checkpoint

      The copy holds what the integers stand for as F32. The gliclass package and everything else \
      that reads safetensors loads it, with the logits that Gliss gives with --precision f32. The \
      folder appears whole or not at all.
      """
  )

  @OptionGroup var argument: ModelArgument

  @Option(help: ArgumentHelp("The folder to write; there must be none yet.", valueName: "folder"))
  var output: String

  func run(in console: Console) throws(CommandError) {
    let model = try console.model(argument.model)
    do {
      try Classifier.dequantize(model: model, to: output)
    } catch {
      throw CommandError(error)
    }
    var text = OutputStream(console.output)
    text.append("\(output): in floats\n")
    try text.flush()
  }
}
