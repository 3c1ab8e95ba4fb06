// Label sets that do not fit one sequence: which labels are read together.

/// What happens to more labels than fit into one sequence. Labels are never cut.
///
/// A model compares the labels that it reads together. Those of different chunks are scored in
/// sequences of their own, so their scores can be put side by side only roughly;
/// ``Classification/labelChunks`` says when that is so. Softmax is over all labels all the same.
public enum LabelChunks: Sendable, Hashable {
  /// The call throws; the default.
  case none
  /// Labels that fit together with the text are read together. Otherwise they are cut into as few
  /// chunks as possible, each at most half of the tokens that prompt and examples leave, and all
  /// about as long.
  case fit
  /// So many labels a chunk, as upstream's chunking pipeline does (with 8), fitting or not.
  case count(Int)
}

extension LabelChunks {
  /// Ranges of labels, in order: as few as possible with at most `budget` tokens and `most` labels
  /// each, then as even as that allows. A label longer than the budget is a chunk of its own.
  static func ranges(tokens: [Int], budget: Int, most: Int) -> [Range<Int>] {
    func cut(_ budget: Int) -> [Range<Int>] {
      var ranges: [Range<Int>] = []
      var (start, sum) = (0, 0)
      for (index, count) in tokens.enumerated() {
        if index > start, sum + count > budget || index - start == most {
          ranges.append(start..<index)
          (start, sum) = (index, 0)
        }
        sum += count
      }
      if start < tokens.count { ranges.append(start..<tokens.count) }
      return ranges
    }
    var best = cut(budget)
    // The smallest budget with as few chunks, by bisection.
    var (low, high) = (tokens.reduce(0, +) / Swift.max(1, best.count), budget)
    while low < high {
      let middle = low + (high - low) / 2
      let ranges = cut(middle)
      if ranges.count <= best.count {
        (best, high) = (ranges, middle)
      } else {
        low = middle + 1
      }
    }
    return best
  }
}
