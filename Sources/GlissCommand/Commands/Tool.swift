// One run of the tool, from arguments to exit status. The process and the tests share it.

import ArgumentParser

package enum Tool {
  /// Parses `arguments` (without the program's name), runs the command, reports what went wrong.
  package static func run(_ arguments: [String], in console: Console) -> ExitStatus {
    if let message = unknownCommand(arguments) {
      console.report("Error: \(message)")
      return .usage
    }
    do {
      var command = try GlissTool.parseAsRoot(InputOptions.spelledOut(arguments))
      if let command = command as? any ConsoleCommand {
        try command.run(in: console)
      } else {
        try command.run()
      }
      return .success
    } catch let error as CommandError {
      if case .outputClosed = error { return .success }
      console.report("gliss: \(error)")
      return error.status
    } catch {
      return finish(error, in: console)
    }
  }

  /// Help and version go to standard output, a wrong command line to standard error.
  private static func finish(_ error: any Error, in console: Console) -> ExitStatus {
    let message = GlissTool.fullMessage(for: error)
    guard GlissTool.exitCode(for: error).isSuccess else {
      console.report(message)
      return .usage
    }
    var output = OutputStream(console.output)
    output.append(message.hasSuffix("\n") ? message : message + "\n")
    do {
      try output.flush()
      return .success
    } catch {
      if case .outputClosed = error { return .success }
      console.report("gliss: \(error)")
      return error.status
    }
  }

  /// What to say about a first argument, or a second one behind a command of commands, that is
  /// neither a command nor an option; behind `help` likewise.
  private static func unknownCommand(_ arguments: [String]) -> String? {
    guard let word = arguments.first, !word.hasPrefix("-") else { return nil }
    if word == "help" { return unknownCommand(Array(arguments.dropFirst())) }
    if let group = GlissTool.configuration.subcommands.first(where: {
      $0.configuration.commandName == word
    }) {
      let names = group.configuration.subcommands.compactMap { $0.configuration.commandName }
      guard arguments.count > 1, !names.isEmpty, !arguments[1].hasPrefix("-"),
        !names.contains(arguments[1])
      else { return nil }
      let known = names.joined(separator: ", ")
      let near = Suggestion.nearest(to: arguments[1], among: names)
      let advice = near.map { "; did you mean 'gliss \(word) \($0)'?" } ?? "."
      return "there is no command '\(word) \(arguments[1])'\(advice) Commands: \(known)"
    }
    guard !GlissTool.commandNames.contains(word) else { return nil }
    let known = GlissTool.commandNames.joined(separator: ", ")
    if let near = Suggestion.nearest(to: word, among: GlissTool.commandNames) {
      return "there is no command '\(word)'; did you mean 'gliss \(near)'? Commands: \(known)"
    }
    return "there is no command '\(word)'. Commands: \(known). "
      + "To classify a text: gliss classify \"the text\" --labels a,b,c"
  }
}
