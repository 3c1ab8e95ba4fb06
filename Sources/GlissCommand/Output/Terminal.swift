// What a terminal can show: colour, width, block characters.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How results are drawn for a person.
package struct Terminal: Equatable {
  /// Whether output goes to a person: a terminal, or FORCE_COLOR says so.
  package let isInteractive: Bool
  package let hasColour: Bool
  package let columns: Int
  /// Whether the locale's encoding is UTF-8; block characters need it.
  package let isUnicode: Bool

  package init(isInteractive: Bool, hasColour: Bool, columns: Int, isUnicode: Bool) {
    self.isInteractive = isInteractive
    self.hasColour = hasColour
    self.columns = columns
    self.isUnicode = isUnicode
  }

  /// Colour: NO_COLOR or TERM=dumb forbid it, FORCE_COLOR asks for it, else a terminal has it.
  package init(_ descriptor: Int32, environment: [String: String]) {
    let isTerminal = Console.isTerminal(descriptor)
    func isSet(_ name: String) -> Bool { environment[name].map { !$0.isEmpty } ?? false }
    let isForced = isSet("FORCE_COLOR") && environment["FORCE_COLOR"] != "0"
    let isForbidden =
      isSet("NO_COLOR") || environment["FORCE_COLOR"] == "0"
      || (environment["TERM"] == "dumb" && !isForced)
    isInteractive = isTerminal || isForced
    hasColour = isInteractive && !isForbidden
    columns = Self.columns(of: descriptor, environment: environment)
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }
      .first { !$0.isEmpty }
    let encoding = (locale ?? "C.UTF-8").lowercased()
    isUnicode = encoding.contains("utf-8") || encoding.contains("utf8")
  }

  private static func columns(of descriptor: Int32, environment: [String: String]) -> Int {
    var size = winsize()
    let known = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 ? Int(size.ws_col) : 0
    let told = environment["COLUMNS"].flatMap { Int($0) } ?? 0
    return min(max(known > 0 ? known : told > 0 ? told : 80, 20), 400)
  }

  /// The styles in use.
  enum Style: String {
    case bold = "1"
    case faint = "2"
    case green = "32"
    case yellow = "33"
  }

  func styled(_ text: String, _ style: Style) -> String {
    hasColour ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }
}
