// What one run of the tool is connected to: three descriptors and an environment. The process uses
// its own; tests pass files and pipes.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The outside world of one run. Commands touch the terminal and files through nothing else.
package struct Console: Sendable {
  package let input: Int32
  package let output: Int32
  package let error: Int32
  package let environment: [String: String]
  /// Where a model comes from; the library, or a test's stand-in.
  package let loader: any ModelLoader

  package init(
    input: Int32, output: Int32, error: Int32, environment: [String: String],
    loader: any ModelLoader = LibraryLoader()
  ) {
    self.input = input
    self.output = output
    self.error = error
    self.environment = environment
    self.loader = loader
  }

  func load(_ choice: ModelChoice) throws(CommandError) -> any TextScorer {
    let choice = try completed(choice)
    do { return try loader.load(choice) } catch { throw CommandError(error) }
  }

  func loadMeasured(_ choice: ModelChoice) throws(CommandError) -> any TextScorer {
    let choice = try completed(choice)
    do { return try loader.loadMeasured(choice) } catch { throw CommandError(error) }
  }

  func loadJudge(_ choice: ModelChoice) throws(CommandError) -> PairJudge {
    let choice = try completed(choice)
    do { return try loader.loadJudge(choice) } catch { throw CommandError(error) }
  }

  /// The process's own standard descriptors and environment.
  package static var process: Console {
    var environment: [String: String] = [:]
    var entry = environ
    while let line = entry.pointee {
      let text = String(cString: line)
      if let equals = text.firstIndex(of: "=") {
        environment[String(text[..<equals])] = String(text[text.index(after: equals)...])
      }
      entry += 1
    }
    return Console(input: 0, output: 1, error: 2, environment: environment)
  }

  /// Whether `descriptor` is a terminal.
  static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// Writes one message to standard error; a standard error that cannot be written is not an error
  /// of the run.
  func report(_ message: String) {
    var bytes = Array(message.utf8)
    if bytes.last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
    _ = writeAll(bytes[...], to: error)
  }
}

/// Writes every byte, through interruptions and short writes. Returns 0 or the errno that stopped it.
func writeAll(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Int32 {
  var rest = bytes
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if count >= 0 {
      rest = rest.dropFirst(count)
    } else if errno == EAGAIN {
      var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      _ = poll(&ready, 1, -1)
    } else if errno != EINTR {
      return errno
    }
  }
  return 0
}

/// What the system calls an errno, for error messages.
func systemMessage(_ code: Int32) -> String { String(cString: strerror(code)) }
