package import CKernels

/// One set of kernels that belong together: a row of the list in `CKernels/kernels.inc`, or OpenBLAS
/// for the matrix products with the best own set for everything else.
///
/// In `avx2`, the `avx512` sets and `neon` matrix products, GELU and RoPE agree bit for bit, int8
/// products in every set; norms and softmax sum in other orders, but for `avx2` and `neon`, which
/// agree in those too. `openblas` is an oracle and a fallback: its results change with the number of
/// rows, so it alone does not keep the promise that a text scores the same in any batch.
///
/// Unchecked because the C table holds pointers; they point at constants.
package struct KernelSet: @unchecked Sendable, CustomStringConvertible {
  /// Name for `GLISS_KERNELS`, `gliss doctor` and benchmark records.
  package let name: String
  /// The kernels' C table; lives as long as the process.
  package let table: gk_kernel_set
  /// Matrix products go to OpenBLAS.
  package let usesOpenBLAS: Bool

  package var description: String { name }

  /// The environment variable that overrides the choice.
  package static let environmentVariable = "GLISS_KERNELS"

  static let compiled: [KernelSet] = (0..<gk_kernel_set_count()).map { index in
    let table = gk_kernel_set_at(index).pointee
    return KernelSet(name: String(cString: table.name), table: table, usesOpenBLAS: false)
  }

  /// The sets this machine can run, best first; OpenBLAS last: it is never chosen unasked.
  package static let available: [KernelSet] = {
    let features = CPUFeatures.current.rawValue
    let own = compiled.filter { set in
      set.table.required_features & ~features == 0 && (!set.needsTiles || mayUseTiles)
    }
    // The scalar set needs nothing, so `own` has at least one element.
    return own + [KernelSet(name: "openblas", table: own[0].table, usesOpenBLAS: true)]
  }()

  /// Whether the operating system lets this process use the tile registers.
  private static let mayUseTiles = gk_request_tile_permission() == 0

  private var needsTiles: Bool {
    table.required_features & UInt32(GK_CPU_AMX_BF16 | GK_CPU_AMX_INT8) != 0
  }

  /// The sets of this machine whose results do not depend on the batch: all but OpenBLAS.
  package static let batchInvariant = available.filter { !$0.usesOpenBLAS }

  /// The set called `name`, or the best one.
  package static func choose(_ name: String?) throws(KernelError) -> KernelSet {
    guard let name else { return available[0] }
    if let set = available.first(where: { $0.name == name }) { return set }
    let choices = available.map(\.name)
    if compiled.contains(where: { $0.name == name }) {
      throw .unsupportedKernelSet(name: name, choices: choices)
    }
    throw .unknownKernelSet(name: name, choices: choices)
  }

  /// The int8 kernels; the table of a set lives as long as the process.
  var integers: gk_s8_kernels { table.s8.pointee }

  var tileRows: Int { Int(table.tile_rows) }
  var tileColumns: Int { Int(table.tile_columns) }
}
