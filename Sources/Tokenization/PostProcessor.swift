// The `post_processor` of a tokenizer.json: which tokens surround a text, and byte-level offsets
// without their white space.

/// Steps in order.
struct PostProcessor: Sendable, Equatable {
  enum Step: Sendable, Equatable {
    case surround(before: [Int32], after: [Int32])
    /// Takes leading and trailing white space out of offsets, but for one space that
    /// `add_prefix_space` may have put there.
    case trimOffsets(addsPrefixSpace: Bool)
  }

  var steps: [Step] = []
  /// How two texts become one sequence; nil where the file does not say.
  var pair: PairTemplate?

  /// Applies the steps. `blanks` says how many white-space characters a token begins and ends with,
  /// by its place in the encoding as it came; nil for tokens that are the same wherever they are
  /// found, for which `token` has the text.
  func apply(
    to encoding: inout Encoding, specialTokens: Bool, blanks: (Int) -> Blanks?,
    token: (Int32) -> ArraySlice<UInt8>
  ) {
    var added = 0
    let count = encoding.ids.count
    for step in steps {
      switch step {
      case .surround(let before, let after):
        guard specialTokens else { continue }
        encoding.surround(before, after)
        added += before.count
      case .trimOffsets(let addsPrefixSpace):
        guard encoding.hasOffsets else { continue }
        for index in encoding.ids.indices {
          let place = index - added
          let found = 0..<count ~= place ? blanks(place) : nil
          encoding.trimOffset(
            at: index, found ?? Blanks(token(encoding.ids[index])), addsPrefixSpace)
        }
      }
    }
  }
}

/// White space at both ends of a token: as Rust has it, or U+0120, a space in the byte alphabet.
struct Blanks: Equatable {
  var leading: Int32 = 0
  var trailing: Int32 = 0

  init(_ token: ArraySlice<UInt8>) {
    self = token.withUnsafeBufferPointer { Blanks($0) }
  }

  init(_ token: UnsafeBufferPointer<UInt8>) {
    var position = 0
    while position < token.count {
      let (scalar, byteCount) = token.scalar(at: position)
      guard Self.isBlank(scalar) else { break }
      leading += 1
      position += byteCount
    }
    position = token.count
    while position > 0 {
      let (scalar, byteCount) = token.scalar(before: position)
      guard Self.isBlank(scalar) else { break }
      trailing += 1
      position -= byteCount
    }
  }

  private static func isBlank(_ scalar: UInt32) -> Bool {
    scalar == 0x120 || UnicodeTables.shared.flags(scalar).contains(.whitespace)
  }
}

extension Encoding {
  fileprivate var hasOffsets: Bool { offsets.count == ids.count }

  fileprivate mutating func surround(_ before: [Int32], _ after: [Int32]) {
    if hasOffsets {
      offsets.insert(contentsOf: repeatElement(0..<0, count: before.count), at: 0)
      offsets.append(contentsOf: repeatElement(0..<0, count: after.count))
    }
    ids.insert(contentsOf: before, at: 0)
    ids.append(contentsOf: after)
    for index in segmentStarts.indices { segmentStarts[index] += before.count }
  }

  fileprivate mutating func trimOffset(at index: Int, _ blanks: Blanks, _ addsPrefixSpace: Bool) {
    var (start, end) = (offsets[index].lowerBound, offsets[index].upperBound)
    if blanks.leading > 0 {
      let mayBeAdded = (index == 0 || start == 0) && addsPrefixSpace && blanks.leading == 1
      start = mayBeAdded ? start : min(start + blanks.leading, end)
    }
    if blanks.trailing > 0, end >= blanks.trailing { end = max(end - blanks.trailing, start) }
    offsets[index] = start..<end
  }
}
