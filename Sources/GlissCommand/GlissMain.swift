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
    let status = Tool.run(Array(CommandLine.arguments.dropFirst()), in: .process)
    exit(status.rawValue)
  }
}
