import Benchmarking
import Testing

@Suite("Useful operations")
struct UsefulOperationsTests {
  @Test(
    "the published shapes count what tools/peers/compare.py counts",
    arguments: [
      ("edge", 1, 64, 1.66723584), ("edge", 8, 512, 120.124342272),
      ("edge", 1, 2048, 79.504539648), ("base", 1, 64, 14.394851328),
      ("base", 8, 512, 976.38678528), ("base", 1, 8192, 3501.64549632),
    ] as [(String, Int, Int, Double)])
  func shapes(name: String, sequences: Int, tokens: Int, gigaOperations: Double) throws {
    let model = try BenchmarkModel(name)
    let found = UsefulOperations.count(model.config, sequences: sequences, tokens: tokens) / 1e9
    #expect(abs(found / gigaOperations - 1) < 1e-12, "\(found)")
  }

  @Test("short sequences see every key in every layer, none sees more than the window")
  func bounds() throws {
    let config = try BenchmarkModel("edge").config
    // 10 layers, h = 384, f = 576: a token costs 2 (4 h h + 3 h f), a pair of tokens 4 h.
    let token = 2.0 * Double(4 * 384 * 384 + 3 * 384 * 576)
    let pair = 4.0 * 384
    func count(_ tokens: Int, _ pairs: Int) -> Double {
      Double(tokens) * token + Double(pairs) * pair
    }
    #expect(UsefulOperations.count(config, sequences: 1, tokens: 1) == 10 * count(1, 1))
    #expect(UsefulOperations.count(config, sequences: 1, tokens: 65) == 10 * count(65, 65 * 65))
    // At 66 tokens the first and the last do not see each other in the six local layers.
    let wider = 4 * count(66, 66 * 66) + 6 * count(66, 66 * 66 - 2)
    #expect(UsefulOperations.count(config, sequences: 1, tokens: 66) == wider)
    #expect(UsefulOperations.count(config, sequences: 3, tokens: 66) == 3 * wider)
  }
}
