// A text on its way through normalisation, and where in the original each of its scalars came from.

/// UTF-8 with, for every scalar, the range of original scalars it stands for.
struct AlignedText {
  var bytes: [UInt8] = []
  /// Original scalar ranges, one per scalar of `bytes`. Both are empty while the text is the
  /// original itself, or differs from it only scalar for scalar.
  var starts: [Int32] = []
  var ends: [Int32] = []
  /// Scalars looked at by canonical composition and decomposition: what tests bound.
  var steps = 0

  mutating func set(_ source: some Collection<UInt8>) {
    bytes.removeAll(keepingCapacity: true)
    bytes.append(contentsOf: source)
    starts.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
  }

  var isIdentity: Bool { starts.isEmpty }
}

/// The same as separate scalars, for the passes that look at or change them one by one.
struct ScalarText {
  var scalars: [UInt32] = []
  var starts: [Int32] = []
  var ends: [Int32] = []
  var steps = 0

  init() {}

  init(_ text: AlignedText) {
    scalars.reserveCapacity(text.bytes.count)
    text.bytes.withUnsafeBufferPointer { bytes in
      var position = 0
      while position < bytes.count {
        let (scalar, byteCount) = bytes.scalar(at: position)
        scalars.append(scalar)
        position += byteCount
      }
    }
    if text.isIdentity {
      let count = Int32(truncatingIfNeeded: scalars.count)
      starts = Array(0..<count)
      ends = starts.map { $0 + 1 }
    } else {
      (starts, ends) = (text.starts, text.ends)
    }
  }

  mutating func append(_ scalar: UInt32, from start: Int32, to end: Int32) {
    scalars.append(scalar)
    starts.append(start)
    ends.append(end)
  }

  mutating func reserveCapacity(_ count: Int) {
    scalars.reserveCapacity(count)
    starts.reserveCapacity(count)
    ends.reserveCapacity(count)
  }

  func write(to text: inout AlignedText) {
    text.bytes.removeAll(keepingCapacity: true)
    for scalar in scalars { text.bytes.append(scalar: scalar) }
    (text.starts, text.ends) = (starts, ends)
    text.steps += steps
  }
}
