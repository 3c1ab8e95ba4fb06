// What this machine offers the kernels: for `gliss doctor` and benchmark records.

/// What this machine offers, and which kernel set a classifier would run on.
public struct MachineReport: Sendable, Hashable {
  /// One kernel set of this build.
  public struct KernelSet: Sendable, Hashable {
    /// The name that ``Classifier/Options/kernels`` and `GLISS_KERNELS` take.
    public var name: String
    /// Whether this machine can run it.
    public var isSupported: Bool
    /// CPU features it needs and this machine lacks.
    public var missing: [String]
  }

  /// CPU features that this process may use, for example `avx2`.
  public var cpuFeatures: [String]
  /// The kernel sets of this build, best first.
  public var kernelSets: [KernelSet]
  /// The kernel set a classifier without ``Classifier/Options/kernels`` runs on.
  public var chosen: String
  /// Why that one: its rank, or the name that `GLISS_KERNELS` holds.
  public var reason: String
  /// Threads a classifier without ``Classifier/Options/threads`` computes on.
  public var threads: Int
  /// Libraries of the system in use, with their versions.
  public var libraries: [String: String]
}
