// One run of the tool, from arguments to exit status. The process and the tests share it.

import ArgumentParser

package enum Tool {
  /// Parses `arguments` (without the program's name), runs the command, reports what went wrong.
  package static func run(_ arguments: [String], in console: Console) -> ExitStatus {
    if let word = arguments.first, let message = unknownCommand(word) {
      console.report("Error: \(message)")
      return .usage
    }
    do {
      var command = try GlissTool.parseAsRoot(arguments)
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

  /// What to say about a first argument that is neither a command nor an option.
  private static func unknownCommand(_ word: String) -> String? {
    guard !word.hasPrefix("-"), !GlissTool.commandNames.contains(word) else { return nil }
    let known = GlissTool.commandNames.joined(separator: ", ")
    if let near = Suggestion.nearest(to: word, among: GlissTool.commandNames) {
      return "there is no command '\(word)'; did you mean 'gliss \(near)'? Commands: \(known)"
    }
    return "there is no command '\(word)'. Commands: \(known). "
      + "To classify a text: gliss classify \"the text\" --labels a,b,c"
  }
}
