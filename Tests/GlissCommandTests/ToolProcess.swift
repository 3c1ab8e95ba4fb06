// Runs the built binary as a process of its own, as a shell does.

import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A running `gliss`, with pipes to its three descriptors.
final class ToolProcess {
  /// How a process ended.
  enum End: Equatable {
    case status(Int32)
    case signal(Int32)
  }

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  let identifier: pid_t
  /// The most memory it had resident while `end` was waiting. (The system's own account of a child
  /// begins with what its parent had.)
  private(set) var peakByteCount = 0
  private(set) var input: Int32
  private(set) var output: Int32
  private(set) var error: Int32

  /// The binary that `swift build` puts beside the tests.
  static func binaryPath() throws -> String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    guard count > 0 else { throw Failure(description: "no /proc/self/exe") }
    let tests = String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    let path = tests.prefix(upTo: tests.lastIndex(of: "/") ?? tests.startIndex) + "/gliss"
    guard access(String(path), X_OK) == 0 else {
      throw Failure(description: "\(path) is not there: build the product gliss")
    }
    return String(path)
  }

  /// Starts `gliss`. `outputPath` replaces the pipe of its standard output.
  init(_ arguments: [String], environment: [String] = [], outputPath: String? = nil) throws {
    (identifier, input, output, error) = try Self.spawning.withLock { _ in
      try Self.spawn(arguments, environment: environment, outputPath: outputPath)
    }
  }

  /// One at a time: between a pipe and its close-on-exec flag no other child may be born, or that
  /// child would keep the pipe open.
  private static let spawning = Mutex(())

  private static func spawn(
    _ arguments: [String], environment: [String], outputPath: String?
  ) throws -> (identifier: pid_t, input: Int32, output: Int32, error: Int32) {
    let inward = try Self.pipe()
    let outward = try Self.pipe()
    let errors = try Self.pipe()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, inward.read, 0)
    if let outputPath {
      posix_spawn_file_actions_addopen(&actions, 1, outputPath, O_WRONLY, 0)
    } else {
      posix_spawn_file_actions_adddup2(&actions, outward.write, 1)
    }
    posix_spawn_file_actions_adddup2(&actions, errors.write, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var defaults = sigset_t()
    sigemptyset(&defaults)
    sigaddset(&defaults, SIGINT)
    sigaddset(&defaults, SIGPIPE)
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    // A test runs on a thread of Dispatch, which blocks most signals; the child would inherit that.
    var blocked = sigset_t()
    sigemptyset(&blocked)
    posix_spawnattr_setsigmask(&attributes, &blocked)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    let path = try Self.binaryPath()
    var child = pid_t()
    let words = ([path] + arguments).map { strdup($0) } + [nil]
    let variables = (["PATH=/usr/bin:/bin"] + environment).map { strdup($0) } + [nil]
    defer { (words + variables).forEach { free($0) } }
    let code = posix_spawn(&child, path, &actions, &attributes, words, variables)
    guard code == 0 else {
      throw Failure(description: "\(path): \(String(cString: strerror(code)))")
    }
    [inward.read, outward.write, errors.write].forEach { close($0) }
    return (child, inward.write, outward.read, errors.read)
  }

  deinit {
    closeInput()
    closeOutput()
    close(error)
  }

  func write(_ text: String) {
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes { Self.systemWrite(input, $0) }
  }

  func closeInput() {
    if input >= 0 { close(input) }
    input = -1
  }

  func closeOutput() {
    if output >= 0 { close(output) }
    output = -1
  }

  /// What the process wrote to standard output up to its next newline; waits at most ten seconds.
  func readLine() throws -> String {
    var line: [UInt8] = []
    while line.last != UInt8(ascii: "\n") {
      var ready = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      guard poll(&ready, 1, 10_000) > 0 else { throw Failure(description: "no answer in 10 s") }
      var byte: UInt8 = 0
      guard read(output, &byte, 1) == 1 else { break }
      line.append(byte)
    }
    return String(decoding: line, as: UTF8.self)
  }

  func readOutput() -> String { Self.readAll(output) }
  func readError() -> String { Self.readAll(error) }

  func interrupt() { kill(identifier, SIGINT) }

  /// Waits for the end; a process that has not ended in a minute is killed, and says so.
  func end() -> End {
    var status: Int32 = 0
    var waits = 0
    while true {
      peakByteCount = max(peakByteCount, highWaterMark())
      let ended = waitpid(identifier, &status, WNOHANG)
      if ended == identifier || (ended < 0 && errno != EINTR) { break }
      waits += 1
      if waits == 6000 { kill(identifier, SIGKILL) }
      usleep(10_000)
    }
    return status & 0x7F == 0 ? .status((status >> 8) & 0xFF) : .signal(status & 0x7F)
  }

  /// Runs to the end with `input`.
  static func run(
    _ arguments: [String], input: String = "", environment: [String] = []
  ) throws -> (end: End, output: String, error: String) {
    let process = try ToolProcess(arguments, environment: environment)
    process.write(input)
    process.closeInput()
    let output = process.readOutput()
    let error = process.readError()
    return (process.end(), output, error)
  }

  /// `VmHWM:   12345 kB` of the system's table; 0 where there is none.
  private func highWaterMark() -> Int {
    guard let file = fopen("/proc/\(identifier)/status", "r") else { return 0 }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = fread(&bytes, 1, bytes.count, file)
    let lines = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
    let words = lines.first { $0.hasPrefix("VmHWM:") }?.split { $0 == " " || $0 == "\t" } ?? []
    return words.count > 1 ? (Int(words[1]) ?? 0) << 10 : 0
  }

  private static func readAll(_ descriptor: Int32) -> String {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count > 0 { bytes += chunk[..<count] } else if count == 0 || errno != EINTR { break }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    #if canImport(Glibc)
      Glibc.write(descriptor, bytes.baseAddress, bytes.count)
    #elseif canImport(Musl)
      Musl.write(descriptor, bytes.baseAddress, bytes.count)
    #else
      Darwin.write(descriptor, bytes.baseAddress, bytes.count)
    #endif
  }

  private static func pipe() throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    #if canImport(Glibc)
      let code = Glibc.pipe(&ends)
    #elseif canImport(Musl)
      let code = Musl.pipe(&ends)
    #else
      let code = Darwin.pipe(&ends)
    #endif
    guard code == 0 else {
      throw Failure(description: "no pipe: \(String(cString: strerror(errno)))")
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }
}
