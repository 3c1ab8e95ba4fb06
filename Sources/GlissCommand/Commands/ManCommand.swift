// `gliss man`: the manual page.

import ArgumentParser

struct ManCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "man",
    abstract: "Print the manual page.",
    discussion: """
        gliss man | man -l -
        gliss man >~/.local/share/man/man1/gliss.1

      It is made of the same texts as --help. tools/install puts it below its prefix.
      """
  )

  func run(in console: Console) throws(CommandError) {
    var output = OutputStream(console.output)
    do {
      output.append(try ManualPage.text())
    } catch {
      throw .engine(
        "the description of the commands cannot be read: \(error)", status: .internalFault)
    }
    try output.flush()
  }
}
