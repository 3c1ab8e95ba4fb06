// Folders of strangers, spoiled in one place: each is refused with the file, the field, what is
// expected there and what was found, or loads and works; none ends the process.

import Kernels
import SentenceModels
import StrictJSON
import TestSupport
import Testing

/// A golden's folder with edits to its JSON files.
private struct SpoiledFolder {
  let folder: TemporaryFolder

  /// - Parameter edit: A file's new content; the file's own to leave it, nil to leave it out.
  init(_ name: String, _ files: [String], edit: (String, JSON) throws -> JSON?) throws {
    folder = try TemporaryFolder()
    let source = "\(Golden.folder)/sentences/\(name)"
    for file in ["config.json", "tokenizer.json", "tokenizer_config.json"] + files {
      let json = try JSON(parsing: readBytes("\(source)/\(file)"))
      if let json = try edit(file, json) { try folder.write(file, json.serialized()) }
    }
    try folder.link("model.safetensors", to: "\(source)/model.safetensors")
  }

  init(
    _ name: String, with files: [String] = [], _ file: String, _ path: [String], _ value: JSON?
  ) throws {
    try self.init(name, files) { name, json in
      name == file ? Self.set(json, path[...], value) : json
    }
  }

  static func set(_ json: JSON, _ path: ArraySlice<String>, _ value: JSON?) -> JSON? {
    guard let first = path.first else { return value }
    if case .array(var elements) = json, let index = Int(first) {
      let changed = set(elements[index], path.dropFirst(), value)
      if let changed { elements[index] = changed } else { elements.remove(at: index) }
      return .array(elements)
    }
    guard var object = json.object else { return json }
    object[first] = set(object[first] ?? .null, path.dropFirst(), value)
    return .object(object)
  }
}

/// A JSON value in a table of arguments.
private func json(_ text: String) throws -> JSON { try JSON(parsing: Array(text.utf8)) }

@Suite("Spoiled folders of sentence models")
struct MalformedTests {
  @Test(
    "a cross-encoder's config is refused by its field",
    arguments: [
      ("bert-nli", "architectures", "[]", "BertForSequenceClassification"),
      ("bert-nli", "architectures", "[\"BertModel\"]", "BertModel"),
      ("bert-nli", "architectures", "[\"RobertaForSequenceClassification\"]", "Roberta"),
      ("bert-nli", "architectures", "7", "architectures"),
      ("bert-nli", "model_type", "\"t5\"", "model_type"),
      ("bert-nli", "model_type", "null", "model_type"),
      ("bert-nli", "hidden_size", "24", "pooler.dense.weight"),
      ("bert-nli", "id2label", "{\"0\": \"a\", \"2\": \"b\"}", "id2label.1"),
      ("bert-nli", "id2label", "{}", "id2label"),
      ("bert-nli", "id2label", "{\"0\": 4}", "id2label.0"),
      ("bert-nli", "id2label", "{\"0\": \"a\"}", "classifier.weight"),
      ("bert-nli", "vocab_size", "3", "the embedding table has 3 rows"),
      ("bert-nli", "num_hidden_layers", "3", "layer.2"),
      ("bert-nli", "hidden_act", "\"relu\"", "hidden_act"),
      ("bert-nli", "type_vocab_size", "1", "token_type_embeddings.weight"),
      ("bert-rerank", "sentence_transformers", "{\"activation_fn\": \"os.system\"}", "os.system"),
      ("bert-rerank", "sentence_transformers", "[1]", "sentence_transformers"),
      ("modern-mean", "classifier_pooling", "\"max\"", "classifier_pooling"),
      ("modern-mean", "classifier_activation", "\"mish\"", "classifier_activation"),
      ("modern-mean", "classifier_bias", "3", "classifier_bias"),
      ("xlm-roberta", "pad_token_id", "70", "max_position_embeddings"),
      ("xlm-roberta", "pad_token_id", "-1", "pad_token_id"),
      ("deberta-nli", "pooler_hidden_size", "31", "pooler_hidden_size"),
      ("deberta-nli", "pooler_hidden_act", "\"x\"", "pooler_hidden_act"),
    ])
  func configs(model: String, field: String, value: String, named: String) throws {
    let spoiled = try SpoiledFolder(model, "config.json", [field], json(value))
    let error = try #require(throws: SentenceModelError.self) {
      _ = try CrossEncoderModel(folder: spoiled.folder.path, compute: Compute(threads: 1))
    }
    #expect("\(error)".contains(spoiled.folder.path), "\(error)")
    #expect("\(error)".contains(named), "\(error)")
  }

  @Test("a tokenizer that says nothing of pairs, or of types the encoder has not")
  func templates() throws {
    let none = try SpoiledFolder(
      "bert-nli", "tokenizer.json", ["post_processor", "pair"], json("[]"))
    let error = try #require(throws: SentenceModelError.self) {
      _ = try CrossEncoderModel(folder: none.folder.path, compute: Compute(threads: 1))
    }
    #expect("\(error)".hasSuffix("does not say how two texts become one sequence (pair)"))
    let types = try SpoiledFolder(
      "bert-nli", "tokenizer.json", ["post_processor", "pair", "3", "Sequence", "type_id"],
      json("9"))
    let wrong = try #require(throws: SentenceModelError.self) {
      _ = try CrossEncoderModel(folder: types.folder.path, compute: Compute(threads: 1))
    }
    #expect("\(wrong)".contains("gives tokens type 9, but the encoder has 2 types"))
    let twice = try SpoiledFolder(
      "bert-nli", "tokenizer.json", ["post_processor", "pair", "3", "Sequence", "id"],
      json("\"A\""))
    #expect(throws: SentenceModelError.self) {
      _ = try CrossEncoderModel(folder: twice.folder.path, compute: Compute(threads: 1))
    }
  }

  @Test("a template without special tokens makes no sequence of two empty texts")
  func noTokens() throws {
    let bare = try SpoiledFolder(
      "bert-nli", "tokenizer.json", ["post_processor", "pair"],
      json(
        """
        [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}]
        """))
    let model = try CrossEncoderModel(folder: bare.folder.path, compute: Compute(threads: 1))
    let error = try #require(throws: SentenceModelError.self) {
      _ = try model.prepare([], [], limit: nil, cutting: .second)
    }
    #expect("\(error)" == "the text gives no tokens, and the tokenizer adds none")
    #expect(try model.prepare([7], [], limit: nil, cutting: .second).ids == [7])
  }

  @Test("a cross-encoder without tokenizer_config.json takes the template's types")
  func withoutTokenizerConfig() throws {
    let folder = try SpoiledFolder("bert-nli", "tokenizer_config.json", [], nil)
    let model = try CrossEncoderModel(folder: folder.folder.path, compute: Compute(threads: 1))
    #expect(try model.prepare([7], [8], limit: nil, cutting: .neither).types == [0, 0, 0, 1, 1])
  }

  @Test(
    "a sentence-transformers folder is refused by file and field",
    arguments: [
      ("modules.json", ["0", "type"], "\"x.Dense\"", "modules[0].type"),
      ("modules.json", ["0", "path"], "\"../other\"", "modules[0].path"),
      ("modules.json", ["1", "path"], "\"/etc\"", "modules[1].path"),
      ("modules.json", ["1", "path"], "\"3_Nothing\"", "3_Nothing/config.json"),
      ("modules.json", ["2", "type"], "\"x.Pooling\"", "modules[2].type"),
      ("modules.json", [], "[]", "modules is none"),
      ("modules.json", [], "{}", "modules"),
      ("1_Pooling/config.json", ["pooling_mode_max_tokens"], "true", "max, mean"),
      ("1_Pooling/config.json", ["pooling_mode_mean_tokens"], "false", "pooling_mode is none"),
      ("1_Pooling/config.json", ["pooling_mode"], "\"lasttoken\"", "lasttoken"),
      ("1_Pooling/config.json", ["word_embedding_dimension"], "31", "word_embedding_dimension"),
      ("1_Pooling/config.json", ["include_prompt"], "false", "include_prompt"),
      ("sentence_bert_config.json", ["max_seq_length"], "0", "max_seq_length"),
      ("sentence_bert_config.json", ["do_lower_case"], "\"no\"", "do_lower_case"),
      ("config.json", ["architectures"], "[\"BertForSequenceClassification\"]", "architectures"),
    ])
  func modules(file: String, path: [String], value: String, named: String) throws {
    let spoiled = try SpoiledFolder(
      "minilm", with: ["modules.json", "1_Pooling/config.json", "sentence_bert_config.json"], file,
      path, json(value))
    let error = try #require(throws: SentenceModelError.self) {
      _ = try SentenceEncoderModel(folder: spoiled.folder.path, compute: Compute(threads: 1))
    }
    #expect("\(error)".contains(named), "\(error)")
    #expect("\(error)".contains(spoiled.folder.path), "\(error)")
  }

  @Test("bf16 by name is refused with what the encoder computes in")
  func precision() throws {
    guard let set = KernelSet.available.first(where: { $0.precisions.contains(.bf16) }) else {
      return
    }
    let compute = try Compute(kernels: set.name, precision: .bf16)
    let error = try #require(throws: SentenceModelError.self) {
      _ = try CrossEncoderModel(
        folder: "\(Golden.folder)/sentences/deberta-nli", compute: compute)
    }
    #expect("\(error)" == "the encoder deberta-v2 computes in f32 or int8, not in bf16")
  }
}
