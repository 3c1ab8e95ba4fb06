// The table of operations, and what they have in common.

import Kernels

/// What an operation is made for.
struct OperationContext {
  let compute: Compute
  let geometry: Geometry
  /// Matrices that take turns.
  let cycle: Int

  init(_ compute: Compute, _ geometry: Geometry, cycle: Int) {
    self.compute = compute
    self.geometry = geometry
    self.cycle = cycle
  }

  /// `[rows, columns]` of numbers around 0.
  func rows(_ count: Int, _ columns: Int) -> FloatRows {
    let floats = AlignedFloats(count: count * columns)
    for index in 0..<floats.count { floats.base[index] = Float(index * 7919 % 1009) / 1009 - 0.5 }
    return FloatRows(floats, count: count, columns: columns)
  }
}

/// One operation on so many rows.
struct Workload {
  /// Useful ones; 0 for an operation that is bound by memory.
  let operations: Double
  /// Read and written, weights and activations.
  let byteCount: Double
  /// Runs it; the number says whose turn it is.
  let run: (Int) -> Void
}

/// A row of the table: makes weights once, then work for any number of rows.
struct Operation {
  let name: String
  let make: (OperationContext) -> (_ rows: Int) -> Workload

  /// Operations of a precision in a kernel set: the tile kernels where they do it, else those over
  /// rows.
  static func all(_ precision: Precision, _ set: KernelSet) -> [Operation] {
    if precision != .f32, set.hasTiles, let kernels = TileKernels(set) { return tiles(kernels) }
    return linear + (precision == .f32 ? rowWise + attention : [])
  }
}
