import Safetensors
import Testing

@Suite("Random tensors")
struct RandomTensorsTests {
  let scope = Checkpoint(randomSeed: 7).scope().scoped("layers.0")

  @Test("the same seed and name give the same numbers, in any piece")
  func pieces() throws {
    let whole = try scope.floats("attn.Wo.weight", shape: [6, 5])
    let again = try Checkpoint(randomSeed: 7).scope().floats(
      "layers.0.attn.Wo.weight", shape: [6, 5])
    #expect(whole == again)
    var rows = [Float](repeating: 0, count: 10)
    try rows.withUnsafeMutableBufferPointer {
      try scope.readRows("attn.Wo.weight", shape: [6, 5], rows: 2..<4, into: $0)
    }
    #expect(rows == Array(whole[10..<20]))
    #expect(Set(whole).count == whole.count)
  }

  @Test("another seed or another name gives other numbers")
  func others() throws {
    let first = try scope.floats("a.weight", shape: [8])
    #expect(first != (try scope.floats("b.weight", shape: [8])))
    #expect(
      first != (try Checkpoint(randomSeed: 8).scope().floats("layers.0.a.weight", shape: [8])))
  }

  @Test("weights are as wide as a model is initialised, those of norms lie around 1")
  func distribution() throws {
    for (name, centre) in [("mlp.Wi.weight", 0.0), ("mlp_norm.weight", 1.0)] {
      let values = try scope.floats(name, shape: [100, 100]).map { Double($0) - centre }
      let mean = values.reduce(0, +) / 1e4
      let deviation = (values.reduce(0) { $0 + $1 * $1 } / 1e4).squareRoot()
      #expect(abs(mean) < 1e-3, "\(name): \(mean)")
      #expect(abs(deviation - 0.02) < 5e-4, "\(name): \(deviation)")
    }
  }

  @Test("the checkpoint lists no tensor: what is optional is not there")
  func names() {
    #expect(!scope.contains("attn.Wo.weight"))
    #expect(scope.checkpoint.names.isEmpty)
    #expect(scope.unusedNames.isEmpty)
  }
}
