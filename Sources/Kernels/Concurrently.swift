// Two things at a time, for work that no pool can share: parsing one file while others are read.

internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// Runs `first` on a thread of its own and `second` on this one, and returns when both are done. Where
/// no thread can be started they run one after the other.
package func concurrently<First: Sendable, Second>(
  _ first: @Sendable () -> First, _ second: () -> Second
) -> (First, Second) {
  withoutActuallyEscaping(first) { first in
    let result = ThreadResult<First>()
    let thread = BriefThread { result.value.withLock { $0 = first() } }
    let second = second()
    thread?.join()
    return (result.value.withLock { $0 } ?? first(), second)
  }
}

private final class ThreadResult<Value: Sendable>: Sendable {
  let value = Mutex<Value?>(nil)
}

/// A thread that runs one closure.
private struct BriefThread {
  private var thread = pthread_t()

  /// Enough for parsers that descend: some systems give a thread 128 KB.
  private static let stackByteCount = 8 << 20

  private final class Body {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Nil when the system has no thread to give.
  init?(_ body: @escaping @Sendable () -> Void) {
    var attributes = pthread_attr_t()
    guard pthread_attr_init(&attributes) == 0 else { return nil }
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, Self.stackByteCount)
    let context = Unmanaged.passRetained(Body(body))
    let status = pthread_create(
      &thread, &attributes,
      { context in
        guard let context else { return nil }
        Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, context.toOpaque())
    guard status == 0 else {
      context.release()
      return nil
    }
  }

  func join() { pthread_join(thread, nil) }
}
