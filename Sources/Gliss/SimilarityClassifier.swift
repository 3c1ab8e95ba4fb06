// Zero-shot classification with a model that says only how near two texts are: a sentence encoder or
// a reranker. What a joint model has to be better than; `gliss eval` measures it in the same way.

/// A label's logit is the cosine of its vector and the text's, or of a cross-encoder with one output
/// that output for the label, as a query, with the text behind it. Scores are the cosine, 0 if it is
/// less, or the sigmoid of the output, whatever its own activation: from 0 to 1, as those of other
/// models. For one choice they are the softmax of the logits.
///
/// Task prompts, examples, windows, chunks and orders of labels mean nothing here, and are passed
/// over; a text that does not fit is cut.
package final class SimilarityClassifier: Sendable {
  private enum Comparison: Sendable {
    case pairs(CrossEncoder)
    case cosines(SentenceEncoder)
  }

  private let comparison: Comparison

  /// What was loaded.
  package var model: SentenceModelInfo {
    switch comparison {
    case .pairs(let encoder): encoder.model
    case .cosines(let encoder): encoder.model
    }
  }

  package init(_ encoder: SentenceEncoder) { comparison = .cosines(encoder) }

  /// - Parameter encoder: One with a single output; nil for others.
  package init?(_ encoder: CrossEncoder) {
    guard encoder.labels.count == 1 else { return nil }
    comparison = .pairs(encoder)
  }

  /// Classifies requests, each on its own as far as errors go.
  package func outcomes(
    of requests: [ClassificationRequest]
  ) -> [Result<Classification, GlissError>] {
    var phrases = Phrases()
    var items: [Item] = []
    for request in requests {
      do throws(GlissError) {
        items.append(try Item(request, &phrases))
      } catch {
        items.append(Item(error: error))
      }
    }
    switch comparison {
    case .pairs(let encoder): Self.compare(&items, requests, phrases.texts, encoder)
    case .cosines(let encoder): Self.compare(&items, requests, phrases.texts, encoder)
    }
    return zip(items, requests).enumerated().map { index, found in
      found.0.outcome(index, found.1.options)
    }
  }

  /// Of every request the same words are one text.
  private struct Phrases {
    private(set) var texts: [String] = []
    private var places: [String: Int] = [:]

    mutating func place(of text: String) -> Int {
      if let place = places[text] { return place }
      places[text] = texts.count
      texts.append(text)
      return texts.count - 1
    }
  }

  /// What is known of one request so far: its labels' phrases, and a number for each.
  private struct Item {
    var targets: LabelTargets?
    var labels: [Int] = []
    var logits: [Float] = []
    var scores: [Float] = []
    var tokens = 0
    var truncated = 0
    var error: GlissError?

    init(error: GlissError) { self.error = error }

    init(_ request: ClassificationRequest, _ phrases: inout Phrases) throws(GlissError) {
      let phrasing = request.options.phrasing
      let set = try LabelSet(request.labels, separator: phrasing.separator)
      targets = LabelTargets(set, none: nil, scoresGroups: false)
      for phrase in try phrasing.phrases(set.leaves.map { ($0.label, $0.description) }) {
        labels.append(phrases.place(of: phrase))
      }
    }

    func outcome(
      _ index: Int, _ options: ClassificationOptions
    ) -> Result<Classification, GlissError> {
      guard error == nil, let targets, logits.count == targets.count else {
        let error = error ?? GlissError(.software, "request \(index) was not compared")
        return .failure(error.about(item: index))
      }
      let scores =
        options.mode == .multiLabel ? scores : TreeScores(logits, targets, options).labels
      return .success(
        Classification(
          scores: targets.set.leaves.enumerated().map { place, leaf in
            LabelScore(label: leaf.label, logit: logits[place], score: scores[place])
          },
          tokens: tokens, truncated: truncated, mode: options.mode, threshold: options.threshold,
          selection: options.selection))
    }
  }

  private static func compare(
    _ items: inout [Item], _ requests: [ClassificationRequest], _ phrases: [String],
    _ encoder: SentenceEncoder
  ) {
    let labels = encoder.outcomes(of: phrases)
    let indices = Dictionary(grouping: requests.indices) { requests[$0].options.maxTokens }
    for (limit, indices) in indices {
      let texts = encoder.outcomes(
        of: indices.map { requests[$0].text }, options: SentenceOptions(maxTokens: limit))
      for (index, text) in zip(indices, texts) where items[index].error == nil {
        do throws(GlissError) {
          let text = try text.get()
          items[index].tokens = text.tokens
          items[index].truncated = text.truncated
          for label in items[index].labels {
            let cosine = SentenceEncoder.cosine(try labels[label].get().vector, text.vector)
            items[index].logits.append(cosine)
            items[index].scores.append(max(0, min(1, cosine)))
          }
        } catch {
          items[index].error = error
        }
      }
    }
  }

  private static func compare(
    _ items: inout [Item], _ requests: [ClassificationRequest], _ phrases: [String],
    _ encoder: CrossEncoder
  ) {
    let usual = LongText.truncate.usualLimit(encoder.model.contextLength)
    for (index, request) in requests.enumerated() where items[index].error == nil {
      let options = PairOptions(
        longPair: .truncateSecond, maxTokens: request.options.maxTokens ?? usual)
      let pairs = items[index].labels.map { TextPair(phrases[$0], request.text) }
      do throws(GlissError) {
        for score in try encoder.score(pairs, options: options) {
          items[index].logits.append(score.logits[0])
          items[index].scores += CrossEncoder.Activation.sigmoid.scores(score.logits)
          items[index].tokens += score.tokens
          items[index].truncated = max(items[index].truncated, score.truncated)
        }
      } catch {
        items[index].error = error
      }
    }
  }
}
