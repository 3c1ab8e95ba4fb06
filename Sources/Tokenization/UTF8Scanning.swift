// UTF-8 by hand: input is a Swift String's storage or our own output, so always well formed.

extension UnsafeBufferPointer<UInt8> {
  /// The scalar that starts at `position`, and its length in bytes.
  @inline(__always)
  func scalar(at position: Int) -> (value: UInt32, byteCount: Int) {
    let first = UInt32(self[position])
    if first < 0x80 { return (first, 1) }
    let second = UInt32(self[position + 1] & 0x3F)
    if first < 0xE0 { return ((first & 0x1F) << 6 | second, 2) }
    let third = UInt32(self[position + 2] & 0x3F)
    if first < 0xF0 { return ((first & 0x0F) << 12 | second << 6 | third, 3) }
    let fourth = UInt32(self[position + 3] & 0x3F)
    return ((first & 0x07) << 18 | second << 12 | third << 6 | fourth, 4)
  }

  /// The scalar that ends just before `position`, and its length in bytes.
  @inline(__always)
  func scalar(before position: Int) -> (value: UInt32, byteCount: Int) {
    var start = position - 1
    while start > 0, self[start] & 0xC0 == 0x80 { start -= 1 }
    return (scalar(at: start).value, position - start)
  }

  /// Scalars that start inside `range`.
  func scalarCount(in range: Range<Int>) -> Int {
    var count = 0
    for position in range { count += self[position] & 0xC0 == 0x80 ? 0 : 1 }
    return count
  }

  func isASCII(in range: Range<Int>) -> Bool {
    var bits: UInt8 = 0
    for position in range { bits |= self[position] }
    return bits < 0x80
  }
}

extension [UInt8] {
  /// Appends a Unicode scalar as UTF-8.
  @inline(__always)
  mutating func append(scalar: UInt32) {
    if scalar < 0x80 {
      append(UInt8(truncatingIfNeeded: scalar))
    } else if scalar < 0x800 {
      append(UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6))
      append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
    } else {
      if scalar < 0x10000 {
        append(UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12))
      } else {
        append(UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18))
        append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 12 & 0x3F))
      }
      append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F))
      append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
    }
  }
}
