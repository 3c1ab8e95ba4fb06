// `gliss completions`: what a shell needs to complete the words of a command line.

import ArgumentParser

struct CompletionsCommand: ConsoleCommand {
  enum Shell: String, CaseIterable, ExpressibleByArgument {
    case bash, zsh, fish

    var shell: CompletionShell {
      switch self {
      case .bash: .bash
      case .zsh: .zsh
      case .fish: .fish
      }
    }
  }

  static let configuration = CommandConfiguration(
    commandName: "completions",
    abstract: "Print the completion script of a shell.",
    discussion: """
        gliss completions bash >~/.local/share/bash-completion/completions/gliss
        gliss completions zsh >~/.zfunc/_gliss
        gliss completions fish >~/.config/fish/completions/gliss.fish

      For zsh, the folder has to be in fpath before compinit runs: fpath+=~/.zfunc. tools/install \
      puts all three where shells look below its prefix.
      """
  )

  @Argument(help: "The shell.")
  var shell: Shell

  func run(in console: Console) throws(CommandError) {
    var output = OutputStream(console.output)
    let script = GlissTool.completionScript(for: shell.shell)
    output.append(script.hasSuffix("\n") ? script : script + "\n")
    try output.flush()
  }
}
