// BERT's text cleaning: huggingface/tokenizers, `BertNormalizer`.

/// Clean, put spaces around Chinese characters, strip accents, lowercase; in this order.
struct BertNormalizer: Sendable, Equatable {
  var cleansText: Bool
  var spacesChinese: Bool
  var stripsAccents: Bool
  var lowercases: Bool
  /// What an ASCII byte becomes; 0xFF: removed.
  private var ascii: [UInt8]

  init(cleansText: Bool, spacesChinese: Bool, stripsAccents: Bool, lowercases: Bool) {
    self.cleansText = cleansText
    self.spacesChinese = spacesChinese
    self.stripsAccents = stripsAccents
    self.lowercases = lowercases
    let tables = UnicodeTables.shared
    ascii = (0..<0x80).map { (byte: UInt8) in
      let flags = tables.flags(UInt32(byte))
      if cleansText, flags.contains(.bertRemoved) { return 0xFF }
      if cleansText, flags.contains(.bertSpace) { return 0x20 }
      return lowercases && flags.contains(.lowercased) ? byte | 0x20 : byte
    }
  }

  /// ASCII without control characters changes byte for byte; false when this is not such a text.
  func applyToASCII(_ text: inout AlignedText) -> Bool {
    text.bytes.withUnsafeMutableBufferPointer { bytes in
      guard UnsafeBufferPointer(bytes).isASCII(in: bytes.indices) else { return false }
      return ascii.withUnsafeBufferPointer { map in
        if map.contains(0xFF) {
          for byte in bytes where map[Int(byte)] == 0xFF { return false }
        }
        for index in bytes.indices { bytes[index] = map[Int(bytes[index])] }
        return true
      }
    }
  }

  /// Whether what comes of a scalar and all behind it does not depend on what stands before.
  func mayBegin(_ scalar: UInt32) -> Bool {
    guard stripsAccents else { return true }
    let tables = UnicodeTables.shared
    return tables.beginsDecomposed(scalar) && !tables.flags(scalar).contains(.bertRemoved)
  }

  func apply(to text: inout ScalarText) {
    if cleansText || spacesChinese { clean(&text) }
    if stripsAccents {
      text.decompose()
      text.removeNonspacingMarks()
    }
    if lowercases { text.lowercase() }
  }

  private func clean(_ text: inout ScalarText) {
    let tables = UnicodeTables.shared
    var result = ScalarText()
    result.steps = text.steps
    result.reserveCapacity(text.scalars.count)
    for index in text.scalars.indices {
      let scalar = text.scalars[index]
      let origin = text.origins[index]
      let flags = tables.flags(scalar)
      if cleansText, flags.contains(.bertRemoved) { continue }
      if cleansText, flags.contains(.bertSpace) {
        result.append(0x20, from: origin)
      } else if spacesChinese, flags.contains(.cjk) {
        result.append(0x20, from: origin)
        result.append(scalar, from: origin)
        result.append(0x20, from: origin)
      } else {
        result.append(scalar, from: origin)
      }
    }
    text = result
  }
}

extension ScalarText {
  fileprivate mutating func removeNonspacingMarks() {
    let tables = UnicodeTables.shared
    var kept = 0
    for index in scalars.indices {
      let scalar = scalars[index]
      if scalar >= 0x80, tables.flags(scalar).contains(.nonspacingMark) { continue }
      scalars[kept] = scalar
      origins[kept] = origins[index]
      kept += 1
    }
    scalars.removeSubrange(kept...)
    origins.removeSubrange(kept...)
  }
}
