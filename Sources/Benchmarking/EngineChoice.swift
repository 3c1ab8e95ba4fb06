// The engines a list-valued command line asks for: kernel set x precision x threads.

package import Gliss
internal import Kernels

/// A kernel set, a precision and a number of threads that can run on this machine.
package struct EngineChoice: Sendable, Hashable {
  package let kernels: String
  package let precision: String
  package let threads: Int

  /// Resolves the choice; fails where this machine cannot run it.
  package init(
    kernels: String?, precision: Gliss.Precision, threads: Int?
  ) throws(GlissError) {
    let compute = try GlissError.of { () throws(KernelError) in
      try Compute(
        kernels: kernels, threads: threads,
        precision: Kernels.Precision(rawValue: precision.rawValue))
    }
    self.kernels = compute.kernels.name
    self.precision = compute.precision.rawValue
    self.threads = compute.pool.threadCount
  }

  func compute() throws(GlissError) -> Compute {
    try GlissError.of { () throws(KernelError) in
      try Compute(
        kernels: kernels, threads: threads, precision: Kernels.Precision(rawValue: precision))
    }
  }

  /// Every combination, kernel sets outermost, none twice. All are tried before the first runs.
  package static func all(
    kernels: [String], precisions: [Gliss.Precision], threads: [Int]
  ) throws(GlissError) -> [EngineChoice] {
    var choices: [EngineChoice] = []
    for set in kernels.isEmpty ? [nil] : kernels.map(Optional.some) {
      for precision in precisions {
        for count in threads.isEmpty ? [nil] : threads.map(Optional.some) {
          let choice = try EngineChoice(kernels: set, precision: precision, threads: count)
          if !choices.contains(choice) { choices.append(choice) }
        }
      }
    }
    return choices
  }
}
