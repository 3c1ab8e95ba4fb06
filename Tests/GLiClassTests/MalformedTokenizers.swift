// Ways to spoil tokenizer.json, in itself and against config.json.

import GLiClass
import StrictJSON

private func spoiled(
  _ name: String, field: String, expected: String, found: String,
  _ category: GLiClassError.Category = .malformed,
  _ edit: @escaping @Sendable (inout JSON) -> Void
) -> MalformedFolder {
  MalformedFolder(
    "tokenizer.json: \(name)", category, file: "tokenizer.json", field: field, expected: expected,
    found: found
  ) { edit(&$0.tokenizer) }
}

/// The tokenizer with the added tokens that `edit` makes of its own.
private func addedTokens(_ tokenizer: inout JSON, _ edit: (inout [JSON]) -> Void) {
  var tokens = tokenizer["added_tokens"]?.array ?? []
  edit(&tokens)
  tokenizer.set("added_tokens", .array(tokens))
}

let malformedTokenizers: [MalformedFolder] = [
  .file(
    "tokenizer.json", "not there", nil, field: "file", expected: "readable", found: "No such",
    .unreadable),
  .file("tokenizer.json", "empty", [], field: "line 1", expected: "JSON", found: "ends"),
  .file(
    "tokenizer.json", "not JSON", Array("{]".utf8), field: "line 1, column 2", expected: "JSON",
    found: "']'"),
  .file(
    "tokenizer.json", "a list", Array("[]".utf8), field: "the file", expected: "object",
    found: "array"),
  spoiled("no model", field: "model", expected: "object", found: "nothing") {
    $0.set("model", nil)
  },
  spoiled(
    "a model we lack", field: "model.type", expected: "BPE", found: "WordLevel", .unsupported
  ) { $0.set("model.type", "WordLevel") },
  spoiled("a normalizer we lack", field: "normalizer", expected: "NFC", found: "Nmt", .unsupported)
  {
    $0.set("normalizer", ["type": "Nmt"])
  },
  spoiled(
    "a character map that is none", field: "precompiled_charsmap", expected: "character map",
    found: "base64"
  ) { $0.set("normalizer", ["type": "Precompiled", "precompiled_charsmap": "?"]) },
  spoiled("a vocabulary that is a list", field: "vocab", expected: "object", found: "array") {
    $0.set("model.vocab", [])
  },
  spoiled("merges of unknown tokens", field: "merges", expected: "vocabulary", found: "qqq zzz") {
    $0.set("model.merges", ["qqq zzz"])
  },
  spoiled("no <<LABEL>>", field: "<<LABEL>>", expected: "class_token_index", found: "no such") {
    addedTokens(&$0) { $0[$0.count - 3].set("content", "<<TAG>>") }
  },
  spoiled("no <<SEP>>", field: "<<SEP>>", expected: "text_token_index", found: "no such") {
    addedTokens(&$0) { $0[$0.count - 2].set("content", "<<CUT>>") }
  },
  MalformedFolder(
    "class_token_index is another token's", file: "tokenizer.json", field: "<<LABEL>>",
    expected: "id 3", found: "id "
  ) { $0.config.set("class_token_index", 3) },
  MalformedFolder(
    "text_token_index is left at its default", file: "tokenizer.json", field: "<<SEP>>",
    expected: "text_token_index", found: "id "
  ) { $0.config.set("text_token_index", -1) },
  MalformedFolder(
    "example_token_index differs where segments need it", golden: "segments",
    file: "tokenizer.json", field: "<<EXAMPLE>>", expected: "example_token_index", found: "id "
  ) { $0.config.set("example_token_index", 5) },
  MalformedFolder(
    "more tokens than embeddings", file: "tokenizer.json", field: "token ids",
    expected: "below 400", found: "43"
  ) { $0.config.set("vocab_size", 400) },
]
