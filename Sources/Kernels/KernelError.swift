/// What can go wrong when choosing kernels or threads.
package enum KernelError: Error, Sendable, Equatable, CustomStringConvertible {
  /// No kernel set of that name is compiled in.
  case unknownKernelSet(name: String, choices: [String])
  /// The kernel set exists, but this machine lacks what it needs.
  case unsupportedKernelSet(name: String, choices: [String])
  /// The kernel set does not compute in that precision.
  case unsupportedPrecision(name: String, kernels: String, choices: [String])
  /// The thread count is outside 1...limit.
  case threadCount(found: Int, limit: Int)

  package var description: String {
    switch self {
    case .unknownKernelSet(let name, let choices):
      "kernel set \"\(name)\" is unknown; this machine can run \(choices.joined(separator: ", "))"
    case .unsupportedKernelSet(let name, let choices):
      "kernel set \"\(name)\" needs CPU features this machine lacks; "
        + "it can run \(choices.joined(separator: ", "))"
    case .unsupportedPrecision(let name, let kernels, let choices):
      "precision \"\(name)\" is not available with kernel set \"\(kernels)\" on this machine; "
        + "it computes in \(choices.joined(separator: ", "))"
    case .threadCount(let found, let limit):
      "thread count should be between 1 and \(limit), found \(found)"
    }
  }
}
