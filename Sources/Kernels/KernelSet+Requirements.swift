// What each kernel set of this build needs from the machine, for `gliss doctor`.

internal import CKernels

extension KernelSet {
  /// A kernel set and the CPU features it needs that this machine lacks: none if it can run.
  package struct Requirement: Sendable {
    package let name: String
    package let missing: [String]
  }

  /// Every set of this build, best first, OpenBLAS last.
  package static var requirements: [Requirement] {
    let present = CPUFeatures.current.rawValue
    let own = compiled.map { set in
      let missing = CPUFeatures(rawValue: set.table.required_features & ~present)
      return Requirement(name: set.name, missing: missing.names)
    }
    return own + [Requirement(name: "openblas", missing: [])]
  }
}
