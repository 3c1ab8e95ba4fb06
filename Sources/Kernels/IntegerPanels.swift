// The weight of an int8 linear layer, packed: bytes in panels, one scale a column.

internal import CKernels

/// Rows of a weight as bytes in -127...127 with one scale a row: weight[i][j] = scale[i] * byte.
package struct IntegerWeight {
  /// `[outputs, inputs]`, row-major.
  package let bytes: UnsafeBufferPointer<Int8>
  /// `[outputs]`
  package let scales: [Float]

  package init(bytes: UnsafeBufferPointer<Int8>, scales: [Float]) {
    self.bytes = bytes
    self.scales = scales
  }
}

extension Compute {
  /// Quantises the rows of a weight, `[scales.count, inputs]`, by the rule for channels, in parallel.
  package func quantizeChannels(
    _ weight: UnsafeBufferPointer<Float>, inputs: Int, into bytes: UnsafeMutableBufferPointer<Int8>,
    scales: inout [Float]
  ) {
    let outputs = scales.count
    precondition(weight.count == outputs * inputs && bytes.count == weight.count)
    guard let source = weight.baseAddress, let target = bytes.baseAddress else { return }
    nonisolated(unsafe) let (from, to) = (source, target)
    let kernels = kernels.integers
    scales.withUnsafeMutableBufferPointer { scales in
      nonisolated(unsafe) let scales = scales
      pool.run(outputs) { row in
        scales[row] =
          kernels.quantize_channel(from + row * inputs, inputs, to + row * inputs).scale
      }
    }
  }
}

/// Panels of `tile_columns` outputs, bytes interleaved as the set's kernel reads them.
///
/// Unchecked because it holds a pointer; nobody writes after `init`.
final class IntegerPanels: @unchecked Sendable {
  let kernels: gk_s8_kernels
  let panelCount: Int
  /// One value per packed column, in panel order; padding 0.
  let scales: AlignedFloats
  private let bytes: UnsafeMutableRawBufferPointer
  let panelByteCount: Int

  var tileColumns: Int { Int(kernels.tile_columns) }
  var tileRows: Int { Int(kernels.tile_rows) }
  var byteCount: Int { bytes.count + scales.count * MemoryLayout<Float>.stride }

  /// - Parameter order: for every packed column the weight row it holds; -1 is padding.
  init(_ weight: IntegerWeight, inputs: Int, order: [Int], compute: Compute) {
    kernels = compute.kernels.integers
    let columns = Int(kernels.tile_columns)
    let depth = Int(kernels.depth)
    panelCount = order.count / columns
    panelByteCount = (inputs + depth - 1) / depth * depth * columns
    bytes = .allocate(byteCount: panelCount * panelByteCount, alignment: 64)
    scales = AlignedFloats(count: order.count)
    for (column, row) in order.enumerated() where row >= 0 {
      scales.base[column] = weight.scales[row]
    }
    guard let start = weight.bytes.baseAddress else { return }
    nonisolated(unsafe) let source = start
    compute.pool.run(panelCount) { panel in
      withUnsafeTemporaryAllocation(of: UnsafePointer<Int8>?.self, capacity: columns) { rows in
        for column in 0..<columns {
          let row = order[panel * columns + column]
          rows.initializeElement(at: column, to: row < 0 ? nil : source + row * inputs)
        }
        withUnsafePointer(to: kernels) {
          gk_pack_panel_s8(rows.baseAddress, $0, inputs, self.panel(panel))
        }
      }
    }
  }

  deinit { bytes.deallocate() }

  func panel(_ index: Int) -> UnsafeMutablePointer<Int8>? {
    bytes.baseAddress.map { ($0 + index * panelByteCount).assumingMemoryBound(to: Int8.self) }
  }
}
