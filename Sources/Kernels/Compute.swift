internal import CKernels

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// The machine as the layers above see it: a kernel set, the precision it computes in and the threads
/// that run it.
/// The operations are in `Compute+*.swift`; they block the calling thread until done.
package struct Compute: Sendable {
  package let kernels: KernelSet
  package let precision: Precision
  package let pool: WorkerPool
  /// The precision is the set's fastest, not one that was asked for.
  private let isPrecisionOpen: Bool

  /// - Parameters:
  ///   - kernels: a kernel set's name; nil takes `GLISS_KERNELS`, then the best set.
  ///   - threads: threads to use, the caller's included; nil takes all processors.
  ///   - precision: the arithmetic of a model's layers; nil takes the set's fastest.
  package init(
    kernels: String? = nil, threads: Int? = nil, precision: Precision? = .f32
  ) throws(KernelError) {
    let set = try KernelSet.choose(kernels ?? Self.override)
    self.kernels = set
    self.precision = precision ?? set.fastestPrecision
    isPrecisionOpen = precision == nil
    guard set.precisions.contains(self.precision) else {
      throw .unsupportedPrecision(
        name: self.precision.rawValue, kernels: set.name,
        choices: set.precisions.map(\.rawValue))
    }
    pool = try WorkerPool(threadCount: threads)
  }

  private init(_ other: Compute, _ precision: Precision) {
    (kernels, pool, isPrecisionOpen) = (other.kernels, other.pool, other.isPrecisionOpen)
    self.precision = precision
  }

  /// The same machine and threads for a model that computes in `precisions`: in its own precision
  /// where they have it, in f32 where it was left open; otherwise nil. Where it was left open, a model
  /// whose weights are integers already goes on in int8.
  package func computing(in precisions: [Precision], isQuantized: Bool = false) -> Compute? {
    if isPrecisionOpen, isQuantized, kernels.precisions.contains(.int8),
      precisions.contains(.int8)
    {
      return Compute(self, .int8)
    }
    if precisions.contains(precision) { return self }
    return isPrecisionOpen && precisions.contains(.f32) ? Compute(self, .f32) : nil
  }

  /// Whether the layers of a model run on the tile unit: where the kernel set has one, unless in f32.
  package var usesTiles: Bool { precision != .f32 && kernels.hasTiles }

  private static var override: String? {
    guard let value = getenv(KernelSet.environmentVariable), value.pointee != 0 else { return nil }
    return String(cString: value)
  }
}
