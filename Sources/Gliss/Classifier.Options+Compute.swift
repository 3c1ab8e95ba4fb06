// The engine that a classifier's options ask for.

internal import Kernels

extension Classifier.Options {
  /// The machine as asked for.
  ///
  /// - Parameter precision: Replaces the precision of the options; nil asks for the fastest.
  func compute(precision: Kernels.Precision?) throws(GlissError) -> Compute {
    try GlissError.of { () throws(KernelError) in
      try Compute(kernels: kernels, threads: threads, precision: precision)
    }
  }

  func compute() throws(GlissError) -> Compute { try compute(precision: precision.engine) }
}
