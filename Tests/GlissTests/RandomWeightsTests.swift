import Encoders
import GLiClass
import Gliss
import Testing

@Suite("A classifier of random weights")
struct RandomWeightsTests {
  @Test("has the shape it was asked for, and gives the same finite scores for the same seed")
  func scores() throws {
    let shape = ModernBERTConfig(
      hiddenSize: 64, intermediateSize: 96, headCount: 2, layerCount: 3)
    var options = Classifier.Options()
    options.precision = .f32
    let logits = try [UInt64(7), 7, 8].map { seed -> [Float] in
      let classifier = try Classifier(
        randomEncoder: .modernBERT(shape), seed: seed, options: options)
      #expect(classifier.model.layerCount == 3 && classifier.model.hiddenSize == 64)
      return try classifier.classify("Rates rose again", labels: ["a", "b", "c"])
        .scores.map { $0.logit }
    }
    #expect(logits[0] == logits[1])
    #expect(logits[0] != logits[2])
    #expect(logits[0].allSatisfy(\.isFinite) && Set(logits[0]).count == 3)
  }
}
