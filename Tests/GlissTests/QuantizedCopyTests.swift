// `Classifier.quantize`: the copy gives the model's own int8 logits, and appears whole or not at all.

import Gliss
import TestSupport
import Testing

@Suite("A quantised copy of a model")
struct QuantizedCopyTests {
  @Test("is used without naming a precision, and gives the model's int8 logits")
  func roundTrip() throws {
    let golden = try Golden.named("modern")
    let folder = try TemporaryFolder()
    let copy = try Classifier.quantize(model: golden.model, to: folder.path("copy"))
    #expect(copy.layerCount > 0 && copy.byteCount > 0 && copy.sourceByteCount > 0)
    #expect(
      try folder.names() == ["copy"], "something is left beside the copy")
    let ahead = try Classifier(model: folder.path("copy"))
    #expect(ahead.model.precision == .int8)
    let atLoad = try classifier("modern", Classifier.Options(precision: .int8, threads: 1))
    for row in golden.rows {
      let found = try ahead.classify(row.text, labels: row.labels)
      #expect(found == (try atLoad.classify(row.text, labels: row.labels)), "\(row.name)")
    }
  }

  @Test(
    "cross-encoders and sentence encoders too, with the folders of their modules",
    arguments: ["bert-rerank", "modern-mean", "deberta-nli", "minilm", "modern-cls", "plain-bert"])
  func sentenceModels(_ name: String) throws {
    let model = "\(Golden.folder)/sentences/\(name)"
    let folder = try TemporaryFolder()
    let copy = try Classifier.quantize(model: model, to: folder.path("copy"))
    #expect(copy.layerCount > 0)
    #expect(try folder.names() == ["copy"])
    let int8 = Classifier.Options(precision: .int8, threads: 1)
    let open = Classifier.Options(threads: 1)
    let texts = ["The harbour was quiet.", "Prices rose."]
    if try ModelKind(model: model) == .crossEncoder {
      let pairs = texts.map { TextPair("boats", $0) }
      let ahead = try CrossEncoder(model: folder.path("copy"), options: open)
      #expect(ahead.model.precision == .int8)
      #expect(try ahead.score(pairs) == CrossEncoder(model: model, options: int8).score(pairs))
    } else {
      let ahead = try SentenceEncoder(model: folder.path("copy"), options: open)
      #expect(ahead.model.precision == .int8)
      #expect(try ahead.embed(texts) == SentenceEncoder(model: model, options: int8).embed(texts))
    }
    let again = #expect(throws: GlissError.self) {
      try Classifier.quantize(model: folder.path("copy"), to: folder.path("twice"))
    }
    #expect(again?.kind == .usage, "\(again?.message ?? "")")
    #expect(again?.field == "quantization_config", "\(again?.message ?? "")")
    // In place of itself, with all its folders.
    _ = try Classifier.quantize(model: model, to: folder.path("copy"), replacing: true)
    #expect(try folder.names() == ["copy"])
  }

  @Test(
    "in f32 it is its own copy in floats; only a quantised model has one",
    arguments: [false, true])
  func floats(tokenEmbeddings: Bool) throws {
    let golden = try Golden.named("modern")
    let folder = try TemporaryFolder()
    _ = try Classifier.quantize(
      model: golden.model, to: folder.path("copy"), tokenEmbeddings: tokenEmbeddings)
    try Classifier.dequantize(model: folder.path("copy"), to: folder.path("floats"))
    #expect(try folder.names() == ["copy", "floats"])
    let f32 = Classifier.Options(precision: .f32, threads: 1)
    let integers = try Classifier(model: folder.path("copy"), options: f32)
    let floats = try Classifier(model: folder.path("floats"), options: f32)
    for row in golden.rows {
      let found = try integers.classify(row.text, labels: row.labels)
      #expect(found == (try floats.classify(row.text, labels: row.labels)), "\(row.name)")
    }
    for (source, target) in [(golden.model, "other"), (folder.path("copy"), "floats")] {
      let error = #expect(throws: GlissError.self) {
        try Classifier.dequantize(model: source, to: folder.path(target))
      }
      #expect(error?.kind == .usage, "\(error?.message ?? "")")
    }
    #expect(try folder.names() == ["copy", "floats"])
  }

  @Test("does not take the place of anything unasked, nor of anything but a copy")
  func occupied() throws {
    let model = try Golden.named("modern").model
    let folder = try TemporaryFolder()
    try folder.makeFolder("empty")
    try folder.write("file", "text")
    for name in ["empty", "file"] {
      for replacing in [false, true] {
        let error = try #require(throws: GlissError.self) {
          try Classifier.quantize(model: model, to: folder.path(name), replacing: replacing)
        }
        #expect(error.kind == .usage && error.file == folder.path(name), "\(error)")
      }
    }
    _ = try Classifier.quantize(model: model, to: folder.path("copy"))
    #expect(throws: GlissError.self) {
      try Classifier.quantize(model: model, to: folder.path("copy"))
    }
    _ = try Classifier.quantize(model: model, to: folder.path("copy") + "/", replacing: true)
    #expect(try folder.names() == ["copy", "empty", "file"])
    #expect(try readBytes(folder.path("file")) == Array("text".utf8))
    _ = try Classifier(model: folder.path("copy"))
  }

  @Test("is not there at all when the model is malformed, or the place cannot be written")
  func nothingHalf() throws {
    let golden = try Golden.named("modern")
    let folder = try TemporaryFolder()
    try folder.makeFolder("broken")
    for name in ["config.json", "tokenizer.json", "model.safetensors"] {
      try folder.write("broken/\(name)", readBytes("\(golden.model)/\(name)"))
    }
    // The head does not load: found only when the copy is tried.
    var config = String(decoding: try readBytes(folder.path("broken/config.json")), as: UTF8.self)
    config.replace("\"class_token_index\"", with: "\"class_token_index_\"")
    try folder.write("broken/config.json", config)
    #expect(throws: GlissError.self) {
      try Classifier.quantize(model: folder.path("broken"), to: folder.path("copy"))
    }
    for place in ["", "/", ".", "no/such/folder/copy"] {
      #expect(throws: GlissError.self) {
        try Classifier.quantize(
          model: golden.model, to: place.isEmpty || place.count == 1 ? place : folder.path(place))
      }
    }
    #expect(try folder.names() == ["broken"])
  }
}
