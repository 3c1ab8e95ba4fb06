// Little-endian F16, BF16, F32 and F64 to Float: straight loops that the compiler turns into vectors.

/// Every function returns whether all results are finite.
enum FloatConversion {
  /// All bits of a Float but its sign.
  private static let magnitude: UInt32 = 0x7FFF_FFFF
  /// The lowest bit of the exponent: added to a magnitude, it reaches the sign bit exactly when the
  /// exponent was all ones, that is for infinities and NaN.
  private static let exponentUnit: UInt32 = 0x0080_0000

  /// `source` holds exactly as many elements of `type`, at any alignment, as `destination` takes.
  static func convert(
    _ source: UnsafeRawBufferPointer, _ type: ElementType,
    into destination: UnsafeMutableBufferPointer<Float>
  ) -> Bool {
    precondition(source.count == destination.count * (type.bitCount / 8))
    return switch type {
    case .bf16: convertBF16(source, destination)
    case .f16: convertF16(source, destination)
    case .f64: convertF64(source, destination)
    case .f32: convertF32(source, destination)
    default: preconditionFailure("\(type) is no floating-point type that converts")
    }
  }

  /// Brings Floats that were read as little-endian bytes into the machine's order, in place.
  static func fixByteOrder(_ values: UnsafeMutableBufferPointer<Float>) -> Bool {
    convertF32(UnsafeRawBufferPointer(values), values)
  }

  private static func convertF32(
    _ source: UnsafeRawBufferPointer, _ destination: UnsafeMutableBufferPointer<Float>
  ) -> Bool {
    var overflow: UInt32 = 0
    for index in destination.indices {
      let bits = UInt32(
        littleEndian: source.loadUnaligned(fromByteOffset: 4 &* index, as: UInt32.self))
      overflow |= (bits & magnitude) &+ exponentUnit
      destination[index] = Float(bitPattern: bits)
    }
    return overflow & ~magnitude == 0
  }

  /// BF16 is the upper half of a Float.
  private static func convertBF16(
    _ source: UnsafeRawBufferPointer, _ destination: UnsafeMutableBufferPointer<Float>
  ) -> Bool {
    var overflow: UInt32 = 0
    for index in destination.indices {
      let half = UInt16(
        littleEndian: source.loadUnaligned(fromByteOffset: 2 &* index, as: UInt16.self))
      let bits = UInt32(half) << 16
      overflow |= (bits & magnitude) &+ exponentUnit
      destination[index] = Float(bitPattern: bits)
    }
    return overflow & ~magnitude == 0
  }

  /// F16 has 5 exponent bits with bias 15 and 10 fraction bits; a Float has 8, 127 and 23. Normal
  /// numbers move 13 bits up and 112 exponents up. Subnormal ones are their fraction times 2^-24.
  private static func convertF16(
    _ source: UnsafeRawBufferPointer, _ destination: UnsafeMutableBufferPointer<Float>
  ) -> Bool {
    var largest: UInt32 = 0
    for index in destination.indices {
      let half = UInt32(
        UInt16(littleEndian: source.loadUnaligned(fromByteOffset: 2 &* index, as: UInt16.self)))
      let magnitude = half & 0x7FFF
      let normal = magnitude &<< 13 &+ 112 &<< 23
      let subnormal = (Float(Int32(bitPattern: magnitude)) * 0x1p-24).bitPattern
      let bits = magnitude < 0x400 ? subnormal : normal
      // Reaches bit 15 exactly when the exponent is all ones.
      largest |= magnitude &+ 0x400
      destination[index] = Float(bitPattern: bits | (half & 0x8000) &<< 16)
    }
    return finishF16(largest, source, destination)
  }

  /// An exponent of all ones means infinity or NaN: says so, and leaves those in the destination.
  private static func finishF16(
    _ largest: UInt32, _ source: UnsafeRawBufferPointer,
    _ destination: UnsafeMutableBufferPointer<Float>
  ) -> Bool {
    guard largest & 0x8000 != 0 else { return true }
    for index in destination.indices where abs(destination[index]) >= 0x1p16 {
      destination[index] = .nan
    }
    return false
  }

  private static func convertF64(
    _ source: UnsafeRawBufferPointer, _ destination: UnsafeMutableBufferPointer<Float>
  ) -> Bool {
    var overflow: UInt32 = 0
    for index in destination.indices {
      let bits = UInt64(
        littleEndian: source.loadUnaligned(fromByteOffset: 8 &* index, as: UInt64.self))
      let value = Float(Double(bitPattern: bits))
      overflow |= (value.bitPattern & magnitude) &+ exponentUnit
      destination[index] = value
    }
    return overflow & ~magnitude == 0
  }
}
