// The engines a list-valued command line asks for: kernel set x precision x threads.

package import Gliss
internal import Kernels

/// A kernel set, a precision and a number of threads that can run on this machine.
package struct EngineChoice: Sendable, Hashable {
  package let kernels: String
  /// Of a precision that was left open, what the kernel set is fastest in; a model may take another
  /// (`BenchmarkModel.engines`).
  package let precision: String
  package let threads: Int
  /// `auto` was asked for.
  private let isPrecisionOpen: Bool

  /// Resolves the choice; fails where this machine cannot run it.
  package init(
    kernels: String?, precision: Gliss.Precision, threads: Int?
  ) throws(GlissError) {
    let compute = try GlissError.of { () throws(KernelError) in
      try Compute(
        kernels: kernels, threads: threads,
        precision: Kernels.Precision(rawValue: precision.rawValue))
    }
    self.init(compute, isPrecisionOpen: precision == .auto)
  }

  /// - Parameter isPrecisionOpen: Whether a model may take another precision than that of `compute`.
  init(_ compute: Compute, isPrecisionOpen: Bool = false) {
    kernels = compute.kernels.name
    precision = compute.precision.rawValue
    threads = compute.pool.threadCount
    self.isPrecisionOpen = isPrecisionOpen
  }

  func compute() throws(GlissError) -> Compute {
    let precision = isPrecisionOpen ? nil : Kernels.Precision(rawValue: precision)
    return try GlissError.of { () throws(KernelError) in
      try Compute(kernels: kernels, threads: threads, precision: precision)
    }
  }

  /// Every combination, kernel sets outermost. All are tried before the first runs.
  package static func all(
    kernels: [String], precisions: [Gliss.Precision], threads: [Int]
  ) throws(GlissError) -> [EngineChoice] {
    var choices: [EngineChoice] = []
    for set in kernels.isEmpty ? [nil] : kernels.map(Optional.some) {
      for precision in precisions {
        for count in threads.isEmpty ? [nil] : threads.map(Optional.some) {
          choices.append(try EngineChoice(kernels: set, precision: precision, threads: count))
        }
      }
    }
    return choices
  }
}
