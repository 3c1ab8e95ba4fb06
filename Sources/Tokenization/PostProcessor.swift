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

  func apply(to encoding: inout Encoding, specialTokens: Bool, _ token: (Int32) -> ArraySlice<UInt8>)
  {
    for step in steps {
      switch step {
      case .surround(let before, let after):
        if specialTokens { encoding.surround(before, after) }
      case .trimOffsets(let addsPrefixSpace):
        for index in encoding.ids.indices {
          encoding.trimOffset(at: index, token(encoding.ids[index]), addsPrefixSpace)
        }
      }
    }
  }
}

extension Encoding {
  fileprivate mutating func surround(_ before: [Int32], _ after: [Int32]) {
    ids.insert(contentsOf: before, at: 0)
    ids.append(contentsOf: after)
    offsets.insert(contentsOf: repeatElement(0..<0, count: before.count), at: 0)
    offsets.append(contentsOf: repeatElement(0..<0, count: after.count))
    for index in segmentStarts.indices { segmentStarts[index] += before.count }
  }

  fileprivate mutating func trimOffset(
    at index: Int, _ token: ArraySlice<UInt8>, _ addsPrefixSpace: Bool
  ) {
    let spaces = token.withUnsafeBufferPointer { token in
      var leading: Int32 = 0
      var position = 0
      while position < token.count {
        let (scalar, byteCount) = token.scalar(at: position)
        guard Self.isSpace(scalar) else { break }
        leading += 1
        position += byteCount
      }
      var trailing: Int32 = 0
      position = token.count
      while position > 0 {
        let (scalar, byteCount) = token.scalar(before: position)
        guard Self.isSpace(scalar) else { break }
        trailing += 1
        position -= byteCount
      }
      return (leading: leading, trailing: trailing)
    }
    var (start, end) = (offsets[index].lowerBound, offsets[index].upperBound)
    if spaces.leading > 0 {
      let mayBeAdded = (index == 0 || start == 0) && addsPrefixSpace && spaces.leading == 1
      start = mayBeAdded ? start : min(start + spaces.leading, end)
    }
    if spaces.trailing > 0, end >= spaces.trailing { end = max(end - spaces.trailing, start) }
    offsets[index] = start..<end
  }

  /// White space as Rust has it, or U+0120, which is how the byte alphabet writes a space.
  private static func isSpace(_ scalar: UInt32) -> Bool {
    scalar == 0x120 || UnicodeTables.shared.flags(scalar).contains(.whitespace)
  }
}
