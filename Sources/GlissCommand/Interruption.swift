// Ctrl-C: the run ends at once and quietly, but never in the middle of a line.

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

  /// Ends the process as the signal would have. Safe in a handler: write, signal and raise are.
  private static func end() -> Never {
    if clearsLine.load(ordering: .relaxed) {
      let wipe: StaticString = "\r\u{1B}[K"
      _ = write(2, wipe.utf8Start, wipe.utf8CodeUnitCount)
    }
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
