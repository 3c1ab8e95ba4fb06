// What this machine offers the kernels: for `gliss doctor` and benchmark records.

internal import Kernels

/// What this machine offers, and which kernel set a classifier would run on.
public struct MachineReport: Sendable, Hashable {
  /// One kernel set of this build.
  public struct KernelSet: Sendable, Hashable {
    /// The name that ``Classifier/Options/kernels`` and `GLISS_KERNELS` take.
    public var name: String
    /// CPU features it needs and this machine lacks; empty if it can run.
    public var missing: [String]
    /// Whether this machine can run it.
    public var isSupported: Bool { missing.isEmpty }
  }

  /// CPU features the kernels know that this process may use, for example `avx512`.
  public var cpuFeatures: [String]
  /// The kernel sets of this build, best first; `openblas` is last and only used by name.
  public var kernelSets: [KernelSet]
  /// The kernel set a classifier runs on.
  public var chosen: String
  /// Why that one: the best supported, or asked for by name.
  public var reason: String
  /// Threads a classifier computes on.
  public var threads: Int
  /// Libraries of the system behind the kernels, with their versions.
  public var libraries: [String: String]

  /// The report of this machine.
  ///
  /// - Parameter options: What a classifier would be loaded with.
  /// - Throws: ``GlissError`` if the kernel set asked for, there or in `GLISS_KERNELS`, cannot run.
  public init(options: Classifier.Options = Classifier.Options()) throws(GlissError) {
    let compute = try options.compute()
    let sets = Kernels.KernelSet.requirements
    cpuFeatures = CPUFeatures.current.names
    kernelSets = sets.map { KernelSet(name: $0.name, missing: $0.missing) }
    chosen = compute.kernels.name
    threads = compute.pool.threadCount
    libraries = SystemLibraries.versions
    let best = sets.first { $0.missing.isEmpty }?.name
    reason =
      if options.kernels != nil {
        "asked for"
      } else if chosen == best {
        "the best this machine can run"
      } else {
        "named by \(Kernels.KernelSet.environmentVariable)"
      }
  }
}
