// Ctrl-C and its kind: the run ends at once and quietly, but never in the middle of a line, and
// without files that are half written.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

import Synchronization

/// SIGINT in the tool: between writes it ends the process with the signal itself (a shell reads 130,
/// and a script's loop stops too); during a write it waits for the write, a second one does not.
/// SIGTERM, SIGHUP and SIGPIPE end it as they would, once unfinished files are gone.
enum Interruption {
  private static let isWriting = Atomic<Bool>(false)
  private static let wasAsked = Atomic<Bool>(false)
  private static let clearsLine = Atomic<Bool>(false)

  /// Installs the handler. Once, before the first command; tests that run commands in their own
  /// process leave it out.
  static func install() {
    // Touched here, so that the handler never runs their first-use initialisation.
    isWriting.store(false, ordering: .relaxed)
    wasAsked.store(false, ordering: .relaxed)
    clearsLine.store(false, ordering: .relaxed)
    removals.touch()
    for number in [SIGTERM, SIGHUP, SIGPIPE] {
      let earlier = signal(number) { number in
        Interruption.removeUnfinished()
        Interruption.dieFrom(number)
      }
      // nohup and its kind have it ignored, and so it stays.
      if unsafeBitCast(earlier, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) {
        signal(number, SIG_IGN)
      }
    }
    signal(SIGINT) { _ in
      let isSecond = Interruption.wasAsked.exchange(true, ordering: .relaxed)
      if isSecond || !Interruption.isWriting.load(ordering: .relaxed) { Interruption.end() }
    }
  }

  /// Whether a progress line stands on standard error and has to be wiped on the way out.
  static func setClearsLine(_ clears: Bool) {
    clearsLine.store(clears, ordering: .relaxed)
  }

  /// Runs `write`, and only then obeys a Ctrl-C that came during it.
  static func deferred<Result>(_ write: () -> Result) -> Result {
    isWriting.store(true, ordering: .sequentiallyConsistent)
    let result = write()
    isWriting.store(false, ordering: .sequentiallyConsistent)
    if wasAsked.load(ordering: .sequentiallyConsistent) { end() }
    return result
  }

  /// Files that are unlinked when a signal ends the process: their paths as C strings, which are
  /// never freed, because the handler may be reading them. As many as a run can have open.
  private struct Removals: ~Copyable {
    let first = Atomic<UInt>(0)
    let second = Atomic<UInt>(0)

    /// Runs the first-use initialisation outside the handler.
    func touch() { first.store(0, ordering: .relaxed) }
  }

  private static let removals = Removals()

  /// A promise to remove a file, until it is cancelled.
  struct Removal {
    private let address: UInt

    /// A third file at a time is not remembered.
    init(of path: String) {
      address = UInt(bitPattern: strdup(path))
      if !exchange(removals.first, 0, address) { _ = exchange(removals.second, 0, address) }
    }

    func cancel() {
      if !exchange(removals.first, address, 0) { _ = exchange(removals.second, address, 0) }
    }

    private func exchange(_ slot: borrowing Atomic<UInt>, _ old: UInt, _ new: UInt) -> Bool {
      slot.compareExchange(expected: old, desired: new, ordering: .sequentiallyConsistent)
        .exchanged
    }
  }

  /// Runs `body` with the signals that end a run held back: a file and the promise to remove it are
  /// made as one.
  static func blocked<Result>(_ body: () -> Result) -> Result {
    var (set, earlier) = (sigset_t(), sigset_t())
    sigemptyset(&set)
    for number in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { sigaddset(&set, number) }
    pthread_sigmask(SIG_BLOCK, &set, &earlier)
    defer { pthread_sigmask(SIG_SETMASK, &earlier, nil) }
    return body()
  }

  private static func removeUnfinished() {
    remove(removals.first.load(ordering: .sequentiallyConsistent))
    remove(removals.second.load(ordering: .sequentiallyConsistent))
  }

  /// No array above: a handler must not allocate.
  private static func remove(_ address: UInt) {
    if let path = UnsafePointer<CChar>(bitPattern: address) { unlink(path) }
  }

  /// Ends the process as the signal would have. Safe in a handler: write, signal and raise are.
  private static func end() -> Never {
    if clearsLine.load(ordering: .relaxed) {
      let wipe: StaticString = "\r\u{1B}[K"
      _ = write(2, wipe.utf8Start, wipe.utf8CodeUnitCount)
    }
    removeUnfinished()
    dieFrom(SIGINT)
  }

  /// Ends the process with a signal's default action.
  static func dieFrom(_ number: Int32) -> Never {
    signal(number, SIG_DFL)
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, number)
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
    raise(number)
    _exit(128 + number)
  }
}
