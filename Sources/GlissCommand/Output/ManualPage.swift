// The manual page, from the parser's own description of the commands. Format: man(7) macros.

import ArgumentParser
import StrictJSON

enum ManualPage {
  /// The whole page, in roff.
  static func text() throws -> String {
    let dump = try JSON(parsing: Array(GlissTool._dumpHelp().utf8))
    guard let root = dump["command"] else { return "" }
    var page = Roff()
    page.macro("TH", "GLISS", "1", "", "gliss \(Version.text)", "User Commands")
    page.macro("SH", "NAME")
    page.line("gliss \\- \(Roff.escaped(root["abstract"]?.string ?? ""))")
    page.macro("SH", "SYNOPSIS")
    page.line("\\fBgliss\\fR \\fIcommand\\fR [\\fIoptions\\fR]")
    page.macro("SH", "DESCRIPTION")
    page.prose(root["discussion"]?.string ?? "")
    page.macro("SH", "COMMANDS")
    for command in root["subcommands"]?.array ?? [] { append(command, path: "gliss", to: &page) }
    page.macro("SH", "ENVIRONMENT")
    for (name, meaning) in environment { page.entry("\\fB\(Roff.escaped(name))\\fR", meaning) }
    page.macro("SH", "FILES")
    page.entry(
      "\\fI~/.config/gliss/config.json\\fR",
      "Settings; $XDG_CONFIG_HOME and GLISS_CONFIG lead elsewhere. gliss config shows them.")
    return page.text
  }

  private static let environment = [
    ("GLISS_MODEL", "The model when none is named: a folder or a name."),
    ("GLISS_PRECISION", "f32, bf16, int8 or auto."),
    ("GLISS_KERNELS", "The kernel set; gliss doctor lists them."),
    ("GLISS_THREADS", "Threads that compute."),
    ("GLISS_CONFIG", "The settings file."),
    ("HF_HUB_CACHE, HF_HOME", "Where models are looked up by name."),
    ("NO_COLOR, FORCE_COLOR, TERM, COLUMNS", "How results are drawn."),
  ]

  private static func append(_ command: JSON, path: String, to page: inout Roff) {
    let name = "\(path) \(command["commandName"]?.string ?? "")"
    let subcommands = command["subcommands"]?.array ?? []
    // `help` is in every list and says nothing here.
    guard command["commandName"]?.string != "help" else { return }
    if subcommands.isEmpty {
      let arguments = (command["arguments"]?.array ?? [])
        .filter { $0["shouldDisplay"]?.bool == true }
      page.macro("SS", name)
      page.prose(command["abstract"]?.string ?? "")
      page.prose(command["discussion"]?.string ?? "")
      for argument in arguments { page.entry(title(argument), words(argument)) }
    }
    for subcommand in subcommands { append(subcommand, path: name, to: &page) }
  }

  /// `\fB--input\fR \fIfile\fR`, in roff.
  private static func title(_ argument: JSON) -> String {
    let value = "\\fI\(Roff.escaped(argument["valueName"]?.string ?? "value"))\\fR"
    if argument["kind"]?.string == "positional" { return value }
    let names = (argument["names"]?.array ?? []).map { name in
      let dashes = name["kind"]?.string == "long" ? "--" : "-"
      return "\\fB\(Roff.escaped(dashes + (name["name"]?.string ?? "")))\\fR"
    }
    let all = names.joined(separator: ", ")
    return argument["kind"]?.string == "option" ? "\(all) \(value)" : all
  }

  private static func words(_ argument: JSON) -> String {
    var text = argument["abstract"]?.string ?? argument["discussion"]?.string ?? ""
    if let choices = argument["allValues"]?.array?.compactMap(\.string), !choices.isEmpty {
      text += " (\(choices.joined(separator: ", ")))"
    }
    if let value = argument["defaultValue"]?.string { text += " Default: \(value)." }
    return text
  }
}

/// Lines of roff.
private struct Roff {
  private(set) var text = ""

  /// A line as it stands: roff already.
  mutating func line(_ line: String) {
    text += line + "\n"
  }

  mutating func macro(_ name: String, _ arguments: String...) {
    let words = arguments.map { " \"" + Self.escaped($0).replacing("\"", with: "\\(dq") + "\"" }
    line(".\(name)\(words.joined())")
  }

  /// Paragraphs; lines that are indented, and stay as they are, are examples.
  mutating func prose(_ text: String) {
    var isExample = false
    macro("PP")
    for source in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let isIndented = source.hasPrefix("  ")
      if isIndented != isExample {
        macro(isIndented ? "EX" : "EE")
        isExample = isIndented
      }
      if source.isEmpty {
        if !isExample { macro("PP") }
      } else {
        line(Self.escaped(String(source)))
      }
    }
    if isExample { macro("EE") }
  }

  /// A hanging paragraph under a title that is roff already.
  mutating func entry(_ title: String, _ words: String) {
    macro("TP")
    line(title)
    line(Self.escaped(words))
  }

  /// Text in which nothing is a command: backslashes, dashes that are typed, and what begins a line
  /// like one.
  static func escaped(_ text: String) -> String {
    let plain = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
      .replacing("\n", with: " ")
    return plain.hasPrefix(".") || plain.hasPrefix("'") ? "\\&" + plain : plain
  }
}
