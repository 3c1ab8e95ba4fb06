// `gliss model quantize`: a copy of a model with its linear layers in 8-bit integers.

import ArgumentParser
import Gliss

struct ModelQuantizeCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "quantize",
    abstract: "Write a copy of a model in 8-bit integers.",
    discussion: """
        gliss model quantize ./my-checkpoint --output ./small
        gliss model quantize ./my-checkpoint --output ./smaller --token-embeddings
        gliss classify "The battery died" --labels complaint,praise --model ./small

      The copy holds the linear layers as 8-bit integers with a scale a row, everything else as it \
      was. It computes in int8 unless --precision names another, and gives the same logits as the \
      model itself with --precision int8; with --token-embeddings nearly the same, from a file half \
      as large. gliss model dequantize turns it into floats again; the bundled model is quantised \
      already. The folder appears whole or not at all.
      """
  )

  @OptionGroup var argument: ModelArgument

  @Option(help: ArgumentHelp("The folder to write; there must be none yet.", valueName: "folder"))
  var output: String

  @Flag(help: "Quantise the vectors of the tokens too.")
  var tokenEmbeddings = false

  @Flag(help: "Replace the folder if it is a quantised copy.")
  var force = false

  func run(in console: Console) throws(CommandError) {
    let copy: QuantizedCopy
    let model = try console.model(argument.model)
    do {
      copy = try Classifier.quantize(
        model: model, to: output, tokenEmbeddings: tokenEmbeddings, replacing: force)
    } catch {
      throw CommandError(error)
    }
    var text = OutputStream(console.output)
    text.append(
      "\(copy.folder): \(copy.layerCount) linear layers in int8, \(Self.megabytes(copy.byteCount)) "
        + "instead of \(Self.megabytes(copy.sourceByteCount))\n")
    try text.flush()
  }

  private static func megabytes(_ byteCount: Int) -> String {
    let tenths = (byteCount + 50_000) / 100_000
    return "\(tenths / 10).\(tenths % 10) MB"
  }
}
