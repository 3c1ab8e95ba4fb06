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

  @Test("is refused in another precision")
  func otherPrecision() throws {
    let folder = try TemporaryFolder()
    _ = try Classifier.quantize(model: Golden.named("modern").model, to: folder.path("copy"))
    let error = try #require(throws: GlissError.self) {
      try Classifier(model: folder.path("copy"), options: Classifier.Options(precision: .f32))
    }
    #expect(error.kind == .unavailable && error.field == "quantization_config")
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
