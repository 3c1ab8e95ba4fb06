// What a sentence-transformers folder says beside the encoder: modules.json, the folder of each module,
// sentence_bert_config.json and config_sentence_transformers.json.
// Source: sentence-transformers 6.2, sentence_transformer/model.py and modules/pooling.py.

internal import Encoders
internal import StrictJSON

/// The steps from hidden states to a sentence's vector, and how its text is read.
struct SentenceModules: Sendable {
  /// Folder of the encoder, its config and its tokenizer, below the model's; empty: the model's own.
  private(set) var encoderPath = ""
  private(set) var pooling = SentencePooling.mean
  private(set) var isNormalized = false
  /// `max_seq_length`; nil: the model's context.
  private(set) var tokenLimit: Int?
  /// `do_lower_case`.
  private(set) var lowercases = false
  /// What is put before texts: `prompts`.
  private(set) var prompts = SentencePrompts()
  /// What the pooling says of the vectors' width, and where.
  private var hiddenSizeOfPooling: (size: Int, field: String, file: String)?

  /// Reads the folder's files. One without modules.json has no other step than the mean.
  init(_ folder: SentenceModelFolder) throws(SentenceModelError) {
    let path = folder.path + "/modules.json"
    guard folder.has("modules.json") else { return }
    let json = try SentenceModelError.reading { () throws(JSONFileError) in
      try JSONFile.value(at: path)
    }
    let modules = try SentenceModelError.decoding { () throws(FieldError) in
      try FieldReader(JSONObject([("modules", json)]), file: path).objects("modules")
    }
    var steps: [String] = []
    for module in modules {
      let (type, place) = try SentenceModelError.decoding { () throws(FieldError) in
        (try module.string("type"), try module.string("path", default: ""))
      }
      let step = type.split(separator: ".").last.map(String.init) ?? ""
      guard place.split(separator: "/").allSatisfy({ $0 != ".." }), !place.hasPrefix("/") else {
        throw .field(module.error("path", expected: "a folder below the model's"))
      }
      let below = SentenceModelFolder(path: place.isEmpty ? folder.path : "\(folder.path)/\(place)")
      switch (steps.last, step) {
      case (nil, "Transformer"):
        encoderPath = place
        try read(transformer: below)
      case ("Transformer"?, "Pooling"):
        hiddenSizeOfPooling = try read(pooling: below)
      case ("Pooling"?, "Normalize"):
        isNormalized = true
      default:
        throw .unsupported(
          file: path, field: module.fieldPath("type"),
          expected: "Transformer, Pooling and, if any, Normalize", found: type)
      }
      steps.append(step)
    }
    guard steps.count > 1 else {
      throw .unsupported(
        file: path, field: "modules", expected: "Transformer, Pooling and, if any, Normalize",
        found: steps.isEmpty ? "none" : steps.joined(separator: ", "))
    }
    try readPrompts(folder)
  }

  /// Refuses a pooling made for vectors of another width.
  func check(hiddenSize: Int) throws(SentenceModelError) {
    guard let (size, field, file) = hiddenSizeOfPooling, size != hiddenSize else { return }
    throw .field(
      FieldError(
        file: file, field: field, expected: "\(hiddenSize), as hidden_size", found: "\(size)"))
  }

  private mutating func read(transformer folder: SentenceModelFolder) throws(SentenceModelError) {
    guard let fields = try folder.optionalFields("sentence_bert_config.json") else { return }
    (tokenLimit, lowercases) = try SentenceModelError.decoding { () throws(FieldError) in
      (
        try fields.optionalInt("max_seq_length", in: 1...(1 << 24)),
        try fields.optionalBool("do_lower_case") ?? false
      )
    }
  }

  private mutating func read(
    pooling folder: SentenceModelFolder
  ) throws(SentenceModelError) -> (Int, String, String)? {
    let fields = try folder.fields("config.json")
    pooling = try Self.pooling(fields)
    return try SentenceModelError.decoding { () throws(FieldError) in
      guard try fields.bool("include_prompt", default: true) else {
        throw fields.error("include_prompt", expected: "true")
      }
      for name in ["word_embedding_dimension", "embedding_dimension"] {
        if let size = try fields.optionalInt(name) { return (size, name, fields.file) }
      }
      return nil
    }
  }

  /// `pooling_mode`, "mean" or "cls"; in files before 2026 a flag for each.
  private static func pooling(_ fields: FieldReader) throws(SentenceModelError) -> SentencePooling {
    let flags = [
      "cls_token": "cls", "mean_tokens": "mean", "max_tokens": "max",
      "mean_sqrt_len_tokens": "mean_sqrt_len_tokens", "weightedmean_tokens": "weightedmean",
      "lasttoken": "lasttoken",
    ].map { (field: "pooling_mode_\($0)", mode: $1) }.sorted { $0.field < $1.field }
    let modes = try SentenceModelError.decoding { () throws(FieldError) -> [String] in
      if let mode = try fields.optionalString("pooling_mode") { return [mode] }
      var modes: [String] = []
      for flag in flags where try fields.optionalBool(flag.field) ?? false {
        modes.append(flag.mode)
      }
      return modes
    }
    switch modes {
    case ["mean"]: return .mean
    case ["cls"]: return .first
    default:
      throw .unsupported(
        file: fields.file, field: "pooling_mode", expected: "mean or cls",
        found: modes.isEmpty ? "none" : modes.joined(separator: ", "))
    }
  }

  private mutating func readPrompts(_ folder: SentenceModelFolder) throws(SentenceModelError) {
    guard let fields = try folder.optionalFields("config_sentence_transformers.json") else {
      return
    }
    prompts = try SentenceModelError.decoding { () throws(FieldError) in
      try SentencePrompts(fields)
    }
  }
}

/// What a sentence-transformers folder puts before texts; nil: nothing.
package struct SentencePrompts: Sendable {
  /// Before every text: `default_prompt_name`.
  package private(set) var usual: String?
  /// Before a query.
  package private(set) var query: String?
  /// Before a document that may answer one.
  package private(set) var document: String?

  init() {}

  fileprivate init(_ fields: FieldReader) throws(FieldError) {
    let prompts = try fields.optionalObject("prompts")
    func prompt(_ names: String...) throws(FieldError) -> String? {
      for name in names {
        if let prompt = try prompts?.optionalString(name), !prompt.isEmpty { return prompt }
      }
      return nil
    }
    if let name = try fields.optionalString("default_prompt_name") {
      usual = try fields.object("prompts").string(name)
    }
    // As encode_query and encode_document: those of their names, and never the usual one. (Of
    // version 6.2, encode_document does not get to "passage": it finds an empty "document" of its
    // own.)
    query = try prompt("query")
    document = try prompt("document", "passage", "corpus")
  }
}
