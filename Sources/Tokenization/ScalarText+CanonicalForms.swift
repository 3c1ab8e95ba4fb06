// NFD and NFC, with alignments. Unicode Standard Annex 15; the alignments are those of PyPI
// `tokenizers`, which walks the old text while it writes the new one:
// - a scalar with change 0 takes the place of the next old one,
// - with change 1 it is inserted, and counts as the old one before it,
// - with change -n it takes the place of the next old one, and n more old ones vanish.
// Everything is linear: marks are put in order by counting, not by comparing.

extension UnicodeTables {
  /// Whether what stands before a scalar takes no part in its canonical decomposition and that of
  /// what follows: nothing is put in order across it.
  func beginsDecomposed(_ scalar: UInt32) -> Bool {
    if flags(scalar).isDisjoint(with: .nfdActive) || Hangul.syllables.contains(scalar) {
      return true
    }
    guard let first = decomposition(scalar)?.first else { return false }
    return combiningClass(first) == 0
  }

  /// The same of composition.
  func beginsComposed(_ scalar: UInt32) -> Bool { flags(scalar).isDisjoint(with: .nfcActive) }
}

extension ScalarText {
  /// Canonical decomposition (NFD).
  mutating func decompose() { rewrite(isActive: .nfdActive, composing: false) }

  /// Canonical composition (NFC).
  mutating func compose() { rewrite(isActive: .nfcActive, composing: true) }

  /// Normalises the stretches that hold active scalars, each with the scalar before it, and copies
  /// the rest: the start of any other scalar is a boundary that normalisation does not look across.
  private mutating func rewrite(isActive: ScalarFlags, composing: Bool) {
    let tables = UnicodeTables.shared
    var result = ScalarText()
    result.steps = steps
    result.reserveCapacity(scalars.count)
    var stretch = CanonicalStretch()
    var copied = 0
    var position = 0
    while position < scalars.count {
      guard scalars[position] >= 0xC0, !tables.flags(scalars[position]).isDisjoint(with: isActive)
      else {
        position += 1
        continue
      }
      let start = max(copied, position - 1)
      var end = position + 1
      while end < scalars.count, !tables.flags(scalars[end]).isDisjoint(with: isActive) { end += 1 }
      result.append(self, copied..<start)
      stretch.decompose(scalars[start..<end], tables)
      if composing { stretch.compose(tables) }
      stretch.write(to: &result, from: self, start)
      result.steps += stretch.takeSteps()
      copied = end
      position = end
    }
    result.append(self, copied..<scalars.count)
    self = result
  }

  fileprivate mutating func append(_ other: ScalarText, _ range: Range<Int>) {
    scalars.append(contentsOf: other.scalars[range])
    origins.append(contentsOf: other.origins[range])
  }
}

/// Scalars of a stretch under normalisation with their combining classes and changes.
private struct CanonicalStretch {
  private var scalars: [UInt32] = []
  private var classes: [UInt8] = []
  private var changes: [Int32] = []
  private var steps = 0

  mutating func takeSteps() -> Int {
    defer { steps = 0 }
    return steps
  }

  /// Fully decomposes `source` and puts runs of marks in order.
  mutating func decompose(_ source: ArraySlice<UInt32>, _ tables: UnicodeTables) {
    scalars.removeAll(keepingCapacity: true)
    classes.removeAll(keepingCapacity: true)
    changes.removeAll(keepingCapacity: true)
    for scalar in source {
      if Hangul.syllables.contains(scalar) {
        let (leading, vowel, trailing) = Hangul.decompose(scalar)
        append(leading, 0, 0)
        append(vowel, 0, 1)
        if trailing != 0 { append(trailing, 0, 1) }
      } else if let parts = tables.decomposition(scalar) {
        for (index, part) in parts.enumerated() {
          append(part, tables.combiningClass(part), index == 0 ? 0 : 1)
        }
      } else {
        append(scalar, tables.combiningClass(scalar), 0)
      }
    }
    var start = 0
    while start < scalars.count {
      if classes[start] == 0 {
        start += 1
        continue
      }
      var end = start + 1
      while end < scalars.count, classes[end] != 0 { end += 1 }
      order(start..<end)
      start = end
    }
  }

  private mutating func append(_ scalar: UInt32, _ combiningClass: UInt8, _ change: Int32) {
    steps += 1
    scalars.append(scalar)
    classes.append(combiningClass)
    changes.append(change)
  }

  /// Stable counting sort of a run of marks by class.
  private mutating func order(_ run: Range<Int>) {
    guard zip(classes[run], classes[run].dropFirst()).contains(where: { $0 > $1 }) else { return }
    var places = [Int](repeating: 0, count: 256)
    for index in run { places[Int(classes[index])] += 1 }
    var next = run.lowerBound
    for combiningClass in places.indices {
      (places[combiningClass], next) = (next, next + places[combiningClass])
    }
    let old = (Array(scalars[run]), Array(classes[run]), Array(changes[run]))
    steps += run.count
    for index in old.0.indices {
      let place = places[Int(old.1[index])]
      places[Int(old.1[index])] += 1
      scalars[place] = old.0[index]
      classes[place] = old.1[index]
      changes[place] = old.2[index]
    }
  }

  /// Joins each scalar with the last starter when a pair composes and nothing stands in the way.
  mutating func compose(_ tables: UnicodeTables) {
    var starter: Int?
    var lastClass: UInt8 = 0
    var count = 0
    steps += scalars.count
    for index in scalars.indices {
      let (scalar, combiningClass) = (scalars[index], classes[index])
      if let starter, lastClass == 0 || lastClass < combiningClass,
        let composed = tables.composition(scalars[starter], scalar)
      {
        scalars[starter] = composed
        changes[starter] += changes[index] - 1
        continue
      }
      if combiningClass == 0 { starter = count }
      lastClass = combiningClass
      scalars[count] = scalar
      classes[count] = combiningClass
      changes[count] = changes[index]
      count += 1
    }
    scalars.removeSubrange(count...)
  }

  /// Appends the stretch, which took the place of `source` from `start` on.
  func write(to result: inout ScalarText, from source: ScalarText, _ start: Int) {
    var next = start
    for (scalar, change) in zip(scalars, changes) {
      let origin = min(change > 0 ? max(next - 1, start) : next, source.scalars.count - 1)
      result.append(scalar, from: source.origins[origin])
      if change <= 0 { next += 1 - Int(change) }
    }
  }
}
