// A tensor on its way into a safetensors file.

/// Name, type, shape and little-endian bytes of a tensor to write.
package struct OutputTensor: Sendable {
  package let name: String
  package let elementType: ElementType
  package let shape: [Int]
  package let bytes: [UInt8]

  /// Bytes as they go into the file. Their number must match type and shape: `writeSafetensors`
  /// refuses the tensor otherwise.
  package init(name: String, elementType: ElementType, shape: [Int], bytes: [UInt8]) {
    self.name = name
    self.elementType = elementType
    self.shape = shape
    self.bytes = bytes
  }

  /// Floats as F32, F16 or BF16, rounded to nearest, ties to even, or as F64. Values that are
  /// finite and too large for the type are refused; infinities and NaN are written as they are.
  package init(
    name: String, shape: [Int], floats: [Float], as type: ElementType = .f32
  ) throws(SafetensorsError) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(floats.count * type.bitCount / 8)
    for (position, value) in floats.enumerated() {
      let isHeld: Bool
      switch type {
      case .f32: isHeld = Self.append(value.bitPattern, &bytes)
      case .f64: isHeld = Self.append(Double(value).bitPattern, &bytes)
      case .f16:
        let half = Float16(value)
        isHeld = Self.append(half.bitPattern, &bytes) && half.isFinite == value.isFinite
      case .bf16:
        let half = Self.bf16(value)
        isHeld = Self.append(half, &bytes) && (half & 0x7F80 != 0x7F80) == value.isFinite
      default: isHeld = false
      }
      guard isHeld else {
        throw .valueOutOfRange(tensor: name, position: position, value: "\(value)", type: type)
      }
    }
    self.init(name: name, elementType: type, shape: shape, bytes: bytes)
  }

  /// Integers as one of the integer types; a value the type cannot hold is refused.
  package init(
    name: String, shape: [Int], integers: [Int], as type: ElementType = .i64
  ) throws(SafetensorsError) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(integers.count * type.bitCount / 8)
    for (position, value) in integers.enumerated() {
      let isHeld =
        switch type {
        case .i8: Self.append(Int8(exactly: value), &bytes)
        case .u8: Self.append(UInt8(exactly: value), &bytes)
        case .i16: Self.append(Int16(exactly: value), &bytes)
        case .u16: Self.append(UInt16(exactly: value), &bytes)
        case .i32: Self.append(Int32(exactly: value), &bytes)
        case .u32: Self.append(UInt32(exactly: value), &bytes)
        case .i64: Self.append(Int64(exactly: value), &bytes)
        case .u64: Self.append(UInt64(exactly: value), &bytes)
        default: false
        }
      guard isHeld else {
        throw .valueOutOfRange(tensor: name, position: position, value: "\(value)", type: type)
      }
    }
    self.init(name: name, elementType: type, shape: shape, bytes: bytes)
  }

  /// Booleans, one byte each.
  package init(name: String, shape: [Int], booleans: [Bool]) {
    self.init(
      name: name, elementType: .bool, shape: shape, bytes: booleans.map { $0 ? 1 : 0 })
  }

  /// False, and nothing appended, when there is no value.
  private static func append(_ value: (some FixedWidthInteger)?, _ bytes: inout [UInt8]) -> Bool {
    guard let value else { return false }
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    return true
  }

  /// The upper half of the Float, rounded to nearest, ties to even. A NaN keeps a fraction bit.
  private static func bf16(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    if value.isNaN { return UInt16(bits >> 16) | 0x40 }
    return UInt16((bits + 0x7FFF + (bits >> 16 & 1)) >> 16)
  }
}
