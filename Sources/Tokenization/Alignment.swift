// Where the scalars of a normalised text came from, in little memory: most texts keep most of their
// scalars, so that a run of neighbours that stayed neighbours is one entry.

/// The range of original scalars that each scalar of a text stands for.
struct Alignment {
  /// Scalars from `first` up to the next run's.
  private struct Run {
    var first: Int32
    /// What the first scalar stands for.
    var start: Int32
    /// What all of them stand for ends here; `rising` where each stands for one original scalar and
    /// the next for the next.
    var end: Int32

    static let rising: Int32 = -1

    @inline(__always)
    func range(of scalar: Int32) -> Range<Int32> {
      guard end == Run.rising else { return start..<end }
      return start + (scalar - first)..<start + (scalar - first) + 1
    }
  }

  private var runs: [Run] = []
  /// Scalars of the text.
  private(set) var count: Int32 = 0

  mutating func removeAll() {
    runs.removeAll(keepingCapacity: true)
    count = 0
  }

  /// One more scalar.
  @inline(__always)
  mutating func append(_ range: Range<Int32>) {
    if let last = runs.indices.last {
      let run = runs[last]
      if run.end == Run.rising {
        if range == run.range(of: count) {
          count += 1
          return
        }
      } else if range == run.start..<run.end {
        count += 1
        return
      } else if count - run.first == 1, run.end - run.start == 1, range == run.end..<run.end + 1 {
        runs[last].end = Run.rising
        count += 1
        return
      }
    }
    runs.append(Run(first: count, start: range.lowerBound, end: range.upperBound))
    count += 1
  }

  /// As many scalars more, each of which stands for one: from `start` on.
  mutating func append(risingFrom start: Int32, count added: Int32) {
    var (start, added) = (start, added)
    // The first two may go on with the last run, and make one that the others go on with.
    while added > 0, runs.last?.end != Run.rising || runs.last?.range(of: count).lowerBound != start
    {
      append(start..<start + 1)
      (start, added) = (start + 1, added - 1)
    }
    count += added
  }

  /// Some scalars of another text. `place` is where `source` was looked at last.
  mutating func append(_ scalars: Range<Int32>, of source: Alignment, near place: inout Int) {
    var scalar = scalars.lowerBound
    while scalar < scalars.upperBound {
      source.find(scalar, near: &place)
      let run = source.runs[place]
      let next = place + 1 < source.runs.count ? source.runs[place + 1].first : source.count
      let end = min(next, scalars.upperBound)
      if run.end == Run.rising {
        append(risingFrom: run.range(of: scalar).lowerBound, count: end - scalar)
      } else {
        append(run.start..<run.end)
        count += end - scalar - 1
      }
      scalar = end
    }
  }

  /// What a scalar of the text stands for; looking near the last place is cheap.
  @inline(__always)
  func range(of scalar: Int32, near place: inout Int) -> Range<Int32> {
    find(scalar, near: &place)
    return runs[place].range(of: scalar)
  }

  @inline(__always)
  private func find(_ scalar: Int32, near place: inout Int) {
    while runs[place].first > scalar { place -= 1 }
    while place + 1 < runs.count, runs[place + 1].first <= scalar { place += 1 }
  }
}
