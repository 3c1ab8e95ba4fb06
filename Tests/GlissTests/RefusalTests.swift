// Requests and models that are refused: kind, facts and exit status.

import Gliss
import Safetensors
import TestSupport
import Testing

@Suite("What is refused, and how it is said")
struct RefusalTests {
  @Test("labels: none, empty, twice")
  func labels() throws {
    let model = try classifier("edge")
    let cases: [([String], String)] = [
      ([], "labels"), (["a", ""], "labels[1]"), (["a", "b", "a"], "labels[2]"),
    ]
    for (labels, field) in cases {
      let error = #expect(throws: GlissError.self) { try model.classify("x", labels: labels) }
      #expect(error?.kind == .data)
      #expect(error?.exitStatus == 65)
      #expect(error?.field == field)
      #expect(error?.expected != nil && error?.found != nil)
    }
  }

  @Test("options out of range")
  func options() throws {
    let model = try classifier("edge")
    let cases: [(ClassificationOptions, String)] = [
      (.init(threshold: 1.5), "threshold"), (.init(threshold: .nan), "threshold"),
      (.init(maxTokens: 0), "maxTokens"), (.init(maxTokens: 1 << 20), "maxTokens"),
      (.init(windowOverlap: -1), "windowOverlap"),
    ]
    for (options, field) in cases {
      let error = #expect(throws: GlissError.self) {
        try model.classify("x", labels: ["a"], options: options)
      }
      #expect(error?.kind == .usage)
      #expect(error?.field == field)
    }
  }

  @Test("a bad request among good ones stops only itself")
  func outcomes() throws {
    let model = try classifier("edge")
    let requests = [["a"], [], ["b"]].map { ClassificationRequest(text: "x", labels: $0) }
    let outcomes = model.outcomes(of: requests)
    #expect(outcomes.count == 3)
    #expect(throws: Never.self) { try outcomes[0].get() }
    #expect(throws: Never.self) { try outcomes[2].get() }
    let error = #expect(throws: GlissError.self) { try outcomes[1].get() }
    #expect(error?.item == 1)
    #expect(#expect(throws: GlissError.self) { try model.classify(requests) } == error)
    #expect(model.outcomes(of: []).isEmpty)
  }

  @Test("examples for a model without <<EXAMPLE>>")
  func examples() throws {
    let model = try classifier("no-example-token")
    #expect(!model.model.supportsExamples)
    let options = ClassificationOptions(examples: [Example(text: "t", labels: ["a"])])
    let error = #expect(throws: GlissError.self) {
      try model.classify("x", labels: ["a"], options: options)
    }
    #expect(error?.kind == .unavailable)
    #expect(error?.message.contains("<<EXAMPLE>>") == true)
  }

  @Test("more labels than a model has slots for")
  func slots() throws {
    let labels = (0..<30).map { "l\($0)" }
    let error = #expect(throws: GlissError.self) {
      try classifier("fixed-slots").classify("x", labels: labels)
    }
    #expect(error?.kind == .data)
    #expect(error?.expected == "at most 9")
    #expect(error?.found == "30")
  }

  @Test("a logit that is not finite is an error that names item and label")
  func notFinite() throws {
    let golden = try Golden.named("modern").model
    let folder = try TemporaryFolder()
    for name in ["config.json", "tokenizer.json"] {
      try folder.write(name, readBytes("\(golden)/\(name)"))
    }
    let scope = try Checkpoint(folder: golden).scope()
    var tensors: [OutputTensor] = []
    for name in scope.checkpoint.names {
      let shape = try #require(scope.info(name)).shape
      var floats = try scope.floats(name, shape: shape)
      if name.hasSuffix("_projector.linear_2.bias") {
        floats = floats.map { _ in .greatestFiniteMagnitude }
      }
      tensors.append(try OutputTensor(name: name, shape: shape, floats: floats))
    }
    try writeSafetensors(tensors, to: folder.path("model.safetensors"))
    let model = try Classifier(model: folder.path, options: .init(threads: 1))
    let error = #expect(throws: GlissError.self) { try model.classify("x", labels: ["food"]) }
    #expect(error?.kind == .software)
    #expect(error?.field == "food")
    #expect(error?.item == 0)
    #expect(error?.found == "inf")
  }

  @Test("models and machines")
  func models() throws {
    let folder = try TemporaryFolder()
    try folder.write("config.json", #"{"architecture_type": "bi-encoder"}"#)
    let cases: [(String, Classifier.Options, GlissError.Kind, String?)] = [
      ("/nowhere/at/all", .init(), .noInput, "model"),
      (folder.path, .init(), .unavailable, "architecture_type"),
      (folder.path, .init(kernels: "abacus"), .usage, "kernels"),
      (folder.path, .init(threads: 0), .usage, "threads"),
      (folder.path, .init(batchTokens: 0), .usage, "batchTokens"),
    ]
    for (model, options, kind, field) in cases {
      let error = #expect(throws: GlissError.self) {
        try Classifier(model: model, options: options)
      }
      #expect(error?.kind == kind, "\(error?.message ?? "")")
      #expect(error?.field == field)
      #expect(error?.expected != nil && error?.found != nil)
    }
  }
}
