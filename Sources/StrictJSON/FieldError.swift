// A field of a configuration file that is not what its reader needs.

/// One wrong or missing field; reads as a sentence:
/// `config.json: hidden_size should be a positive integer, found "abc"`.
package struct FieldError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Name of the file as the user knows it.
  package var file: String
  /// Path of the field: `rope_parameters.full_attention.rope_theta`, `added_tokens[3].id`.
  package var field: String
  /// What it should be, with its article: "a positive integer".
  package var expected: String
  /// What is there, shortened; nil when the field is missing.
  package var found: String?

  package init(file: String, field: String, expected: String, found: String?) {
    self.file = file
    self.field = field
    self.expected = expected
    self.found = found
  }

  package var description: String {
    guard let found else { return "\(file): \(field) is missing, it should be \(expected)" }
    return "\(file): \(field) should be \(expected), found \(found)"
  }
}
