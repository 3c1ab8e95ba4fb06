// A look at every number of a model's weights.

package import Safetensors

/// What the tensors of a checkpoint folder hold.
package struct TensorScan: Sendable {
  /// A tensor with values that are no finite numbers.
  package struct Fault: Sendable, Equatable {
    package var name: String
    /// `[768, 50368] F32`.
    package var summary: String
    package var nanCount: Int
    package var infinityCount: Int
    /// Of the first of them, counted from 0 in row-major order.
    package var firstPosition: Int
  }

  package private(set) var tensorCount = 0
  package private(set) var elementCount = 0
  package private(set) var byteCount = 0
  /// Tensors by element type.
  package private(set) var types: [String: Int] = [:]
  package private(set) var faults: [Fault] = []
  /// Tensors of more than one element that are all zero: rarely meant, never an error.
  package private(set) var zeros: [String] = []

  /// Elements looked at together.
  private static let chunk = 1 << 16

  /// Reads the folder's weights from the first number to the last.
  package init(folder: String) throws(SafetensorsError) {
    for file in try Checkpoint(folder: folder).files {
      for tensor in file.tensors {
        tensorCount += 1
        elementCount += tensor.elementCount
        byteCount += tensor.byteRange.count
        types[tensor.elementType.rawValue, default: 0] += 1
        if tensor.elementType.convertsToFloat { try scan(tensor, in: file) }
      }
    }
  }

  private mutating func scan(
    _ tensor: TensorInfo, in file: SafetensorsFile
  ) throws(SafetensorsError) {
    var fault = Fault(
      name: tensor.name, summary: tensor.summary, nanCount: 0, infinityCount: 0, firstPosition: 0)
    var isZero = tensor.elementCount > 1
    var floats = [Float](repeating: 0, count: min(Self.chunk, tensor.elementCount))
    for start in stride(from: 0, to: tensor.elementCount, by: Self.chunk) {
      let count = min(Self.chunk, tensor.elementCount - start)
      do {
        try floats.withUnsafeMutableBufferPointer { (buffer) throws(SafetensorsError) in
          try file.readFloats(
            of: tensor, elements: start..<(start + count),
            into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
        }
      } catch {
        // The values are there all the same.
        guard case .notFinite = error else { throw error }
        fault.count(floats[..<count], from: start)
      }
      if isZero { isZero = floats[..<count].allSatisfy { $0 == 0 } }
    }
    if fault.nanCount + fault.infinityCount > 0 { faults.append(fault) }
    if isZero { zeros.append(tensor.name) }
  }
}

extension TensorScan.Fault {
  fileprivate mutating func count(_ values: ArraySlice<Float>, from start: Int) {
    for (offset, value) in values.enumerated() where !value.isFinite {
      if nanCount + infinityCount == 0 { firstPosition = start + offset }
      if value.isNaN { nanCount += 1 } else { infinityCount += 1 }
    }
  }
}
