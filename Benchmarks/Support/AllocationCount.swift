// Allocations of the process, where tools/allocations has put its counter before malloc.

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

package enum AllocationCount {
  private typealias Counter = @convention(c) () -> Int

  private static let counter: Counter? = dlsym(nil, "gliss_allocation_count").map {
    unsafeBitCast($0, to: Counter.self)
  }

  /// Whether anybody counts.
  package static var isKnown: Bool { counter != nil }

  /// Allocations so far, by all threads; 0 where nobody counts.
  package static func now() -> Int { counter?() ?? 0 }
}
