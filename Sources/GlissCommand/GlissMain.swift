// Where the process begins.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

@main
enum GlissMain {
  static func main() {
    Interruption.install()
    let console = Console.process
    if let place = firstUnreadableArgument() {
      // `CommandLine.arguments` would put replacement characters in, and another text be scored.
      console.report("Error: argument \(place) is not UTF-8; put it into a file for iconv")
      exit(ExitStatus.usage.rawValue)
    }
    exit(Tool.run(Array(CommandLine.arguments.dropFirst()), in: console).rawValue)
  }

  private static func firstUnreadableArgument() -> Int? {
    (1..<max(1, Int(CommandLine.argc))).first { place in
      CommandLine.unsafeArgv[place].map { String(validatingCString: $0) == nil } ?? false
    }
  }
}
