// Rows of floats as bytes with a scale a row: the left side of an int8 product. The rule is in
// CKernels/include/CQuantized.h.

internal import CKernels

/// Room for the quantised rows of one product, used again by the next; it grows to the largest seen.
///
/// Unchecked because tasks write disjoint rows; one product uses it at a time.
package final class QuantizedRows: @unchecked Sendable {
  private var bytes: UnsafeMutableRawBufferPointer
  private var rows: UnsafeMutableBufferPointer<gk_row_s8>
  private var sums: UnsafeMutableBufferPointer<Int32>
  private(set) var stride = 0

  package init() {
    bytes = Self.allocateBytes(0)
    rows = .allocate(capacity: 0)
    sums = .allocate(capacity: 0)
  }

  deinit {
    bytes.deallocate()
    rows.deallocate()
    sums.deallocate()
  }

  /// Bytes held.
  package var byteCount: Int {
    bytes.count + rows.count * (MemoryLayout<gk_row_s8>.stride + MemoryLayout<Int32>.stride)
  }

  private static func allocateBytes(_ count: Int) -> UnsafeMutableRawBufferPointer {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 64)
    // A product reads each row up to a whole step of its kernel.
    bytes.initializeMemory(as: UInt8.self, repeating: 0)
    return bytes
  }

  /// Makes room for `count` rows of `columns` bytes, each beginning at a cache line.
  private func reserve(_ count: Int, columns: Int) {
    stride = (columns + 63) / 64 * 64
    if bytes.count < count * stride {
      bytes.deallocate()
      bytes = Self.allocateBytes(count * stride)
    }
    if rows.count < count {
      rows.deallocate()
      sums.deallocate()
      rows = .allocate(capacity: count)
      sums = .allocate(capacity: count)
    }
  }

  /// Quantises `x`, in parallel.
  func quantize(_ x: FloatRows, kernels: gk_s8_kernels, pool: WorkerPool) {
    reserve(x.count, columns: x.columns)
    let job = QuantizingJob(x: x, kernels: kernels, rows: self)
    pool.run((x.count + QuantizingJob.grain - 1) / QuantizingJob.grain, job)
  }

  fileprivate func quantize(_ row: Int, _ x: FloatRows, _ kernels: gk_s8_kernels) {
    let result = kernels.quantize_row(x[row], x.columns, bytes(row))
    rows[row] = result
    sums[row] = result.sum
  }

  func bytes(_ row: Int) -> UnsafeMutablePointer<Int8>? {
    bytes.baseAddress.map { ($0 + row * stride).assumingMemoryBound(to: Int8.self) }
  }

  func scale(_ row: Int) -> Float { rows[row].scale }

  /// The sums of the bytes of each row, from `row` on.
  func sums(from row: Int) -> UnsafePointer<Int32>? {
    sums.baseAddress.map { UnsafePointer($0 + row) }
  }
}

private struct QuantizingJob: PoolJob {
  /// Rows per task.
  static let grain = 16
  let x: FloatRows
  let kernels: gk_s8_kernels
  let rows: QuantizedRows

  func run(_ task: Int, on worker: PoolWorker) {
    for row in task * Self.grain..<min(x.count, (task + 1) * Self.grain) {
      rows.quantize(row, x, kernels)
    }
  }
}
