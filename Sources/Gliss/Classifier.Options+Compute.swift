// The engine that a classifier's options ask for.

internal import Kernels

extension Classifier.Options {
  /// The machine as asked for.
  ///
  /// - Parameter precision: Replaces the precision of the options; nil asks for the fastest.
  func compute(precision: Kernels.Precision?) throws(GlissError) -> Compute {
    do throws(KernelError) {
      return try Compute(kernels: kernels, threads: threads, precision: precision)
    } catch {
      throw GlissError(error)
    }
  }

  func compute() throws(GlissError) -> Compute { try compute(precision: precision.engine) }
}
