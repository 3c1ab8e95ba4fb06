// One query's ranking against what is known to be relevant. The numbers are those of trec_eval
// (pytrec_eval, BEIR): ndcg_cut, recall, recip_rank and map.

public import Gliss

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// A query's documents, best first, with the relevance each was judged to have.
///
/// Documents are ordered by score, and ties, as trec_eval breaks them, by their names: the greater
/// bytes first. A document without a judgement is not relevant, and so is one judged 0 or less.
public struct RankedQuery: Sendable, Hashable {
  /// The names, best first.
  public let documents: [String]
  /// The gain of each; 0 of what is not relevant.
  public let gains: [Int]
  /// The gains of all relevant documents, found or not, highest first.
  public let idealGains: [Int]

  /// Ranks documents.
  ///
  /// - Parameters:
  ///   - scores: Of each document by its name; any number, none is an empty ranking.
  ///   - judgements: Relevance by document.
  public init(scores: [String: Float], judgements: [String: Int]) throws(GlissError) {
    if let wrong = scores.first(where: { $0.value.isNaN }) {
      throw .metric("the score of document \(wrong.key)", "a number", "NaN")
    }
    let ranked = scores.sorted { one, other in
      one.value != other.value
        ? one.value > other.value
        : other.key.utf8.lexicographicallyPrecedes(one.key.utf8)
    }
    documents = ranked.map(\.key)
    gains = documents.map { max(0, judgements[$0] ?? 0) }
    idealGains = judgements.values.filter { $0 > 0 }.sorted(by: >)
  }

  /// Normalised discounted cumulative gain of the first `k`: sum of gain / log2(place + 1), places
  /// from 1, as a share of the best possible; 0 where nothing is relevant.
  public func nDCG(at k: Int) -> Double {
    let ideal = Self.discounted(idealGains, k)
    return ideal > 0 ? Self.discounted(gains, k) / ideal : 0
  }

  /// The share of the relevant documents that is among the first `k`; 0 where nothing is relevant.
  public func recall(at k: Int) -> Double {
    guard !idealGains.isEmpty else { return 0 }
    return Double(gains.prefix(max(0, k)).count { $0 > 0 }) / Double(idealGains.count)
  }

  /// 1 / the place of the first relevant document; 0 without one.
  ///
  /// - Parameter k: Places that are looked at; nil: all.
  public func reciprocalRank(at k: Int? = nil) -> Double {
    let place = gains.prefix(max(0, k ?? .max)).firstIndex { $0 > 0 }
    return place.map { 1 / Double($0 + 1) } ?? 0
  }

  /// The mean, over all relevant documents, of the precision where each is found; 0 for one that is
  /// not.
  public var averagePrecision: Double {
    guard !idealGains.isEmpty else { return 0 }
    var (sum, hits) = (0.0, 0)
    for (place, gain) in gains.enumerated() where gain > 0 {
      hits += 1
      sum += Double(hits) / Double(place + 1)
    }
    return sum / Double(idealGains.count)
  }

  private static func discounted(_ gains: [Int], _ k: Int) -> Double {
    gains.prefix(max(0, k)).enumerated().reduce(0) { sum, item in
      item.element > 0 ? sum + Double(item.element) / log2(Double(item.offset + 2)) : sum
    }
  }
}

/// The means over queries. A query counts whatever it is: one with an empty ranking, or without
/// anything relevant, has 0 everywhere, as trec_eval has it.
public struct RankingEvaluation: Sendable, Hashable {
  /// In the order they were added.
  public private(set) var queries: [RankedQuery] = []

  /// An evaluation without queries.
  public init() {}

  /// Adds a query.
  public mutating func add(_ query: RankedQuery) { queries.append(query) }

  /// Mean nDCG of the first `k`; NaN without queries.
  public func nDCG(at k: Int) -> Double { Mean.of(queries.map { $0.nDCG(at: k) }) }

  /// Mean recall of the first `k`; NaN without queries.
  public func recall(at k: Int) -> Double { Mean.of(queries.map { $0.recall(at: k) }) }

  /// Mean reciprocal rank (MRR); NaN without queries.
  ///
  /// - Parameter k: Places that are looked at; nil: all.
  public func reciprocalRank(at k: Int? = nil) -> Double {
    Mean.of(queries.map { $0.reciprocalRank(at: k) })
  }

  /// Mean average precision (MAP); NaN without queries.
  public var averagePrecision: Double { Mean.of(queries.map(\.averagePrecision)) }
}
