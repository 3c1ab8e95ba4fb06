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
  /// Where the alignment was looked at last.
  private(set) var place = 0

  mutating func begin(_ bytes: UnsafeBufferPointer<UInt8>, _ origin: Int) {
    cursor = ScalarCursor(bytes)
    self.origin = origin
    place = 0
  }

  /// Scalars of the stretch before a byte.
  mutating func scalar(at position: Int) -> Int { cursor.index(of: position) }

  /// The original scalars of all scalars that `range` touches.
  @inline(__always)
  mutating func offset(
    of range: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>, _ text: AlignedText
  ) -> Range<Int> {
    var first = cursor.index(of: range.lowerBound)
    if range.lowerBound < bytes.count, bytes[range.lowerBound] & 0xC0 == 0x80 { first -= 1 }
    let end = cursor.index(of: range.upperBound)
    if text.isIdentity { return origin + first..<origin + max(first, end) }
    guard end > first else { return origin..<origin }
    let start = Int(text.origin(of: first, near: &place).lowerBound)
    let last = Int(text.origin(of: end - 1, near: &place).upperBound)
    return origin + start..<origin + max(start, last)
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
  /// Whether the encoding gets offsets.
  var keepsOffsets = true
  private var anchors: [Anchor] = []
  private var prefixed: [UInt8] = []
  private var spaced = AlignedText()
  /// Scalar at which each segment begins.
  private var segmentScalars: [Int] = []
  /// The segment of the last token, -1 before the first.
  private var segment = -1
  /// Control segments whose tokens the encoding has; the next one bounds the segments of the text
  /// before it.
  private var forcedCount = 0

  /// Text lengths beyond which buffers are not kept.
  private static let keptByteCount = 1 << 20

  /// Concatenates the segments.
  func load(_ segments: [Segment], _ components: Tokenizer.Components, forcing: Bool) {
    bytes.removeAll(keepingCapacity: true)
    encoding = Encoding()
    (segment, forcedCount) = (-1, 0)
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

  /// Appends an added token, or a control segment, that begins at `anchor.scalar`.
  func append(_ token: Int32, _ start: Int, _ end: Int, _ anchor: Anchor) {
    anchors.append(anchor)
    if let control = anchor.segment {
      forcedCount += 1
      segment = max(segment, control)
      beginSegments(at: encoding.ids.count)
    } else {
      reach(anchor.scalar, at: encoding.ids.count)
    }
    encoding.ids.append(token)
    if keepsOffsets { encoding.offsets.append(narrow(start..<max(start, end))) }
  }

  /// The scalar at which the next segment begins.
  private var nextSegmentScalar: Int {
    segment + 1 < segmentScalars.count ? segmentScalars[segment + 1] : .max
  }

  /// The segments up to that of the token at a place, which is at `scalar`, begin with it, unless they
  /// have begun.
  private func reach(_ scalar: Int, at place: Int) {
    let bound = forcedCount < forced.count ? forced[forcedCount].segment : segmentScalars.count
    while segment + 1 < bound, segmentScalars[segment + 1] <= scalar { segment += 1 }
    beginSegments(at: place)
  }

  private func beginSegments(at place: Int) {
    while encoding.segmentStarts.count <= segment { encoding.segmentStarts.append(place) }
  }

  /// Segments behind the last token have none.
  func endSegments() {
    while encoding.segmentStarts.count <= segmentScalars.count {
      encoding.segmentStarts.append(encoding.ids.count)
    }
  }

  /// Appends a model's tokens to the encoding. Those of a piece with a space put before it count from
  /// that space, which stands for what the piece's first scalar stands for.
  func place(
    _ tokens: [WordToken], _ bytes: UnsafeBufferPointer<UInt8>, _ text: AlignedText,
    prefixedPiece: Range<Int>?
  ) {
    // What the loop goes through token by token is held here meanwhile.
    var (ids, offsets): ([Int32], [Range<Int32>]) = ([], [])
    swap(&ids, &encoding.ids)
    swap(&offsets, &encoding.offsets)
    let keepsOffsets = keepsOffsets
    var stretch = stretch
    var next = nextSegmentScalar
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
      if offset.lowerBound >= next {
        reach(offset.lowerBound, at: ids.count)
        next = nextSegmentScalar
      }
      ids.append(token.id)
      if keepsOffsets { offsets.append(narrow(offset)) }
    }
    self.stretch = stretch
    swap(&ids, &encoding.ids)
    swap(&offsets, &encoding.offsets)
  }

  /// The end of some words from `start` on, at least one, whose tokens take little memory.
  func endOfWords(from start: Int) -> Int {
    var byteCount = 0
    var end = start
    repeat {
      byteCount += words[end].count
      end += 1
    } while end < words.count && byteCount < WordToken.flushCount
    return end
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
