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
    guard set.precisions.contains(self.precision) else {
      throw .unsupportedPrecision(
        name: self.precision.rawValue, kernels: set.name,
        choices: set.precisions.map(\.rawValue))
    }
    pool = try WorkerPool(threadCount: threads)
  }

  private static var override: String? {
    guard let value = getenv(KernelSet.environmentVariable), value.pointee != 0 else { return nil }
    return String(cString: value)
  }
}
