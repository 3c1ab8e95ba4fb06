// A text on its way through normalisation, and where in the original each of its scalars came from.

/// UTF-8 with, for every scalar, the range of original scalars it stands for.
struct AlignedText {
  var bytes: [UInt8] = []
  /// Original scalar ranges, one per scalar of `bytes`. Empty while the text is the original itself, or
  /// differs from it only scalar for scalar.
  private(set) var alignment = Alignment()
  /// Scalars looked at by canonical composition and decomposition: what tests bound.
  var steps = 0

  mutating func set(_ source: some Collection<UInt8>) {
    bytes.removeAll(keepingCapacity: true)
    bytes.append(contentsOf: source)
    alignment.removeAll()
  }

  var isIdentity: Bool { alignment.count == 0 }

  /// What a scalar stands for. `place` is where the alignment was looked at last, at first 0.
  @inline(__always)
  func origin(of scalar: Int, near place: inout Int) -> Range<Int32> {
    let scalar = Int32(truncatingIfNeeded: scalar)
    return isIdentity ? scalar..<scalar + 1 : alignment.range(of: scalar, near: &place)
  }

  @inline(__always)
  mutating func append(_ scalar: UInt32, from origin: Range<Int32>) {
    bytes.append(scalar: scalar)
    alignment.append(origin)
  }

  /// Appends the bytes of one scalar.
  @inline(__always)
  mutating func append(_ scalar: ArraySlice<UInt8>, from origin: Range<Int32>) {
    bytes.append(contentsOf: scalar)
    alignment.append(origin)
  }

  /// Appends the first byte of a scalar; `bytes` take the others.
  @inline(__always)
  mutating func append(firstByte: UInt8, from origin: Range<Int32>) {
    bytes.append(firstByte)
    alignment.append(origin)
  }

  /// Appends the scalars `scalars`, which are the bytes `range`, of another text.
  mutating func append(
    _ range: Range<Int>, _ scalars: Range<Int>, of source: AlignedText,
    near place: inout Int
  ) {
    bytes.append(contentsOf: source.bytes[range])
    let (first, end) = (
      Int32(truncatingIfNeeded: scalars.lowerBound), Int32(truncatingIfNeeded: scalars.upperBound)
    )
    if source.isIdentity {
      alignment.append(risingFrom: first, count: end - first)
    } else {
      alignment.append(first..<end, of: source.alignment, near: &place)
    }
  }

  /// Puts the text through `change` a window at a time, for passes that look at or change scalars one
  /// by one: windows keep the memory that they take small.
  ///
  /// - Parameter mayBegin: Whether a scalar may be the first of a window: what comes of it and of all
  ///   behind it does not depend on what stands before, and the other way round.
  mutating func change(
    from mayBegin: (UInt32) -> Bool, _ change: (inout ScalarText) -> Void
  ) {
    var result = AlignedText()
    result.steps = steps
    result.bytes.reserveCapacity(bytes.count)
    bytes.withUnsafeBufferPointer { bytes in
      var window = ScalarText()
      window.reserveCapacity(min(bytes.count, ScalarText.windowCount))
      var (position, count, place) = (0, 0, 0)
      while position < bytes.count {
        let (scalar, byteCount) = bytes.scalar(at: position)
        if window.scalars.count >= ScalarText.windowCount, mayBegin(scalar) {
          change(&window)
          window.move(to: &result)
        }
        window.append(scalar, from: origin(of: count, near: &place))
        position += byteCount
        count += 1
      }
      change(&window)
      window.move(to: &result)
    }
    self = result
  }
}

/// A stretch of a text as separate scalars.
struct ScalarText {
  var scalars: [UInt32] = []
  var origins: [Range<Int32>] = []
  var steps = 0

  /// From here on a window ends at the next scalar that may begin one.
  static let windowCount = 1 << 12

  @inline(__always)
  mutating func append(_ scalar: UInt32, from origin: Range<Int32>) {
    scalars.append(scalar)
    origins.append(origin)
  }

  mutating func reserveCapacity(_ count: Int) {
    scalars.reserveCapacity(count)
    origins.reserveCapacity(count)
  }

  fileprivate mutating func move(to text: inout AlignedText) {
    for index in scalars.indices { text.append(scalars[index], from: origins[index]) }
    text.steps += steps
    scalars.removeAll(keepingCapacity: true)
    origins.removeAll(keepingCapacity: true)
    steps = 0
  }
}
