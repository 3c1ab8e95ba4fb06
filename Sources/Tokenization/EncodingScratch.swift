// The buffers of one encoding under way, and the arithmetic of offsets.

/// An added token in the encoding: where it is, whatever white space it took.
struct Anchor {
  /// Its place in the encoding.
  var token: Int
  /// The control segment that the token is; nil for tokens found in text.
  var segment: Int?
  var scalar: Int
  /// White space of the stretch that was matched, what the token took included.
  var blanks: Blanks
}

/// Scalar index of byte positions; moving little is cheap, in either direction.
struct ScalarCursor {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let isASCII: Bool
  private var byte = 0
  private var scalar = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    isASCII = bytes.isASCII(in: bytes.indices)
  }

  /// Scalars that begin before `position`.
  @inline(__always)
  mutating func index(of position: Int) -> Int {
    if isASCII { return position }
    if position >= byte {
      scalar += bytes.scalarCount(in: byte..<position)
    } else {
      scalar -= bytes.scalarCount(in: position..<byte)
    }
    byte = position
    return scalar
  }
}

/// A stretch of normalised text: byte positions to offsets in the segments' concatenation.
struct Stretch {
  private var cursor = ScalarCursor(UnsafeBufferPointer(start: nil, count: 0))
  private(set) var origin = 0

  mutating func begin(_ bytes: UnsafeBufferPointer<UInt8>, _ origin: Int) {
    cursor = ScalarCursor(bytes)
    self.origin = origin
  }

  /// The original scalars of all scalars that `range` touches.
  @inline(__always)
  mutating func offset(
    of range: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>, _ text: borrowing AlignedText
  ) -> Range<Int> {
    var first = cursor.index(of: range.lowerBound)
    if range.lowerBound < bytes.count, bytes[range.lowerBound] & 0xC0 == 0x80 { first -= 1 }
    let end = cursor.index(of: range.upperBound)
    if text.isIdentity { return origin + first..<origin + max(first, end) }
    guard first < text.starts.count, end > first else { return origin..<origin }
    let start = Int(text.starts[first])
    return origin + start..<origin + max(start, Int(text.ends[end - 1]))
  }
}

/// Everything that encoding writes to. One encoding at a time.
final class EncodingScratch: @unchecked Sendable {
  // Unchecked: the pool hands an object to one encoding at a time.
  var bytes: [UInt8] = []
  var forced: [ForcedToken] = []
  var splits: [Split] = []
  var innerSplits: [Split] = []
  var text = AlignedText()
  var stretch = Stretch()
  var pieces: [Range<Int32>] = []
  var cutPieces: [Range<Int32>] = []
  var words: [Range<Int32>] = []
  var cutWords: [Range<Int32>] = []
  var tokens: [WordToken] = []
  var cache = WordCache()
  var bytePair = BytePairScratch()
  var unigram = UnigramScratch()
  var encoding = Encoding()
  /// The most tokens of the encoding.
  var tokenLimit = Int.max
  var anchors: [Anchor] = []
  private var prefixed: [UInt8] = []
  private var spaced = AlignedText()
  /// Scalar at which each segment begins.
  private var segmentScalars: [Int] = []

  /// Text lengths beyond which buffers are not kept.
  private static let keptByteCount = 1 << 20

  /// Concatenates the segments.
  func load(_ segments: [Segment], _ components: Tokenizer.Components, forcing: Bool) {
    bytes.removeAll(keepingCapacity: true)
    encoding = Encoding()
    forced.removeAll(keepingCapacity: true)
    anchors.removeAll(keepingCapacity: true)
    segmentScalars.removeAll(keepingCapacity: true)
    var scalars = 0
    for (index, segment) in segments.enumerated() {
      let start = bytes.count
      segmentScalars.append(scalars)
      switch segment {
      case .text(let text): bytes.append(contentsOf: text.utf8)
      case .control(let id):
        let added = components.addedTokenOfID[id]
        bytes.append(contentsOf: components.bytes(of: id))
        if forcing {
          forced.append(
            ForcedToken(
              range: start..<bytes.count, id: id, segment: index,
              stripsLeft: added?.stripsLeft ?? false, stripsRight: added?.stripsRight ?? false))
        }
      }
      bytes.withUnsafeBufferPointer { scalars += $0.scalarCount(in: start..<$0.count) }
    }
  }

  func append(_ token: Int32, _ start: Int, _ end: Int) {
    encoding.ids.append(token)
    encoding.offsets.append(narrow(start..<max(start, end)))
  }

  /// Moves the model's tokens to the encoding. Those of a piece with a space put before it count
  /// from that space, which stands for what the piece's first scalar stands for.
  func place(
    _ bytes: UnsafeBufferPointer<UInt8>, _ text: borrowing AlignedText, prefixedPiece: Range<Int>?
  ) {
    if tokens.count > Self.keptByteCount {
      // Doubling would take up to twice the room.
      encoding.ids.reserveCapacity(encoding.ids.count + tokens.count)
      encoding.offsets.reserveCapacity(encoding.offsets.count + tokens.count)
    }
    for token in tokens {
      var (start, end) = (Int(token.start), Int(token.end))
      if let piece = prefixedPiece {
        start = piece.lowerBound + max(start - 1, 0)
        end = piece.lowerBound + max(end - 1, 0)
        if end == piece.lowerBound {
          end += bytes.scalar(at: piece.lowerBound).byteCount
        }
      }
      let offset = stretch.offset(of: start..<end, bytes, text)
      encoding.ids.append(token.id)
      encoding.offsets.append(narrow(offset))
    }
  }

  func takePrefixed() -> [UInt8] {
    var taken: [UInt8] = []
    swap(&taken, &prefixed)
    taken.removeAll(keepingCapacity: true)
    return taken
  }

  func giveBack(_ buffer: consuming [UInt8]) { prefixed = buffer }

  func takeSpaced() -> AlignedText {
    var taken = AlignedText()
    swap(&taken, &spaced)
    return taken
  }

  func giveBack(_ text: consuming AlignedText) { spaced = text }

  /// Finds the token at which each segment begins.
  func placeSegments() {
    let count = segmentScalars.count
    var starts: [Int] = []
    starts.reserveCapacity(count + 1)
    var nextAnchor = 0
    // The next segment of a control token bounds the segments of the text before it.
    var segment = -1
    var bound = nextControlSegment(from: 0)
    for token in encoding.ids.indices {
      var scalar = Int(encoding.offsets[token].lowerBound)
      var control: Int?
      if nextAnchor < anchors.count, anchors[nextAnchor].token == token {
        scalar = anchors[nextAnchor].scalar
        control = anchors[nextAnchor].segment
        nextAnchor += 1
        if control != nil { bound = nextControlSegment(from: nextAnchor) }
      }
      if let control {
        segment = max(segment, control)
      } else {
        while segment + 1 < bound, segmentScalars[segment + 1] <= scalar { segment += 1 }
      }
      while starts.count <= segment { starts.append(token) }
    }
    while starts.count <= count { starts.append(encoding.ids.count) }
    encoding.segmentStarts = starts
  }

  private func nextControlSegment(from anchor: Int) -> Int {
    for anchor in anchors[anchor...] {
      if let segment = anchor.segment { return segment }
    }
    return segmentScalars.count
  }

  /// White space around the added token at a place of the encoding; nil when there is none.
  func blanks(at place: Int) -> Blanks? {
    var low = 0
    var high = anchors.count
    while low < high {
      let middle = (low + high) / 2
      if anchors[middle].token < place { low = middle + 1 } else { high = middle }
    }
    return low < anchors.count && anchors[low].token == place ? anchors[low].blanks : nil
  }

  func takeEncoding() -> Encoding {
    var taken = Encoding()
    swap(&taken, &encoding)
    return taken
  }

  /// Lets go of buffers that one long text made large.
  func shrink() {
    guard bytes.capacity > Self.keptByteCount else { return }
    bytes = []
    text = AlignedText()
    spaced = AlignedText()
    prefixed = []
    words = []
    cutWords = []
    pieces = []
    cutPieces = []
    tokens = []
    bytePair = BytePairScratch()
    unigram = UnigramScratch()
  }
}
