// `--max-tokens`, refused for what it is instead of at the first row that runs into it.

import ArgumentParser

enum TokenLimit {
  /// Throws for a count that no model could keep to.
  static func validate(_ count: Int?) throws(ValidationError) {
    if let count, count < 1 {
      throw ValidationError("--max-tokens should be a positive integer, found \(count)")
    }
  }

  /// Throws for a count beyond the model's `context`, in tokens.
  static func check(_ count: Int?, context: Int) throws(CommandError) {
    if let count, count > context {
      throw .usage(
        "--max-tokens should be at most the model's context, \(context), found \(count)")
    }
  }
}
