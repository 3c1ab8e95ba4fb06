// The root of the command line: `gliss` and its subcommands.

import ArgumentParser

/// A command that touches the world only through a console.
protocol ConsoleCommand: ParsableCommand {
  func run(in console: Console) throws(CommandError)
}

struct GlissTool: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gliss",
    abstract: "Zero-shot text classification on the CPU: any labels, one pass, no training.",
    discussion: """
      Three lines to begin with; the model is bundled, nothing is downloaded:

        gliss classify "The battery died after a week" --labels complaint,praise,question
        gliss classify --input reviews.txt --labels battery,screen,price --jsonl
        echo '{"text": "Rates rose again", "labels": ["finance", "sports"]}' | gliss classify --json

      \(ExitStatus.explanation)
      """,
    version: Version.text,
    subcommands: [
      ClassifyCommand.self, RerankCommand.self, EmbedCommand.self, TokenizeCommand.self,
      ModelCommand.self, EvalCommand.self, BenchCommand.self, DoctorCommand.self,
      ConfigCommand.self, CompletionsCommand.self, ManCommand.self,
    ]
  )

  /// The names a first argument may have.
  static let commandNames =
    configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
}

/// The version of the tool and the library.
package enum Version {
  package static let text = "0.1.0"
}
