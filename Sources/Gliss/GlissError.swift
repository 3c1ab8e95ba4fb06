// The one error type of the public library: what was wrong, where, what was expected and found.

/// An error of Gliss: a sentence, the facts behind it, and its kind.
///
/// ``kind`` says who can mend it (the caller, the data, the model folder, the machine) and maps to
/// an exit status of `sysexits.h` for tools.
public struct GlissError: Error, Sendable, Hashable {
  /// Who can mend the error; the raw value is the exit status of `sysexits.h`.
  public enum Kind: Int32, Sendable, Hashable, CaseIterable {
    /// The call is wrong: an unknown option or kernel set, a threshold outside 0...1 (`EX_USAGE`).
    case usage = 64
    /// The data is wrong: labels, examples, a text over the limit, a malformed model folder
    /// (`EX_DATAERR`).
    case data = 65
    /// A folder or file is not there or cannot be opened (`EX_NOINPUT`).
    case noInput = 66
    /// The model or the machine does not offer what was asked for (`EX_UNAVAILABLE`).
    case unavailable = 69
    /// A computation failed: for example a logit that is not finite (`EX_SOFTWARE`).
    case software = 70
    /// Reading failed after the file was opened (`EX_IOERR`).
    case inputOutput = 74
  }

  /// Who can mend the error.
  public var kind: Kind
  /// One sentence that names the facts.
  public var message: String
  /// The file the error is about, if it is about one.
  public var file: String?
  /// The field, tensor, argument or label the error is about.
  public var field: String?
  /// What was expected there.
  public var expected: String?
  /// What was found there.
  public var found: String?
  /// The index of the request among those passed, for errors of one request.
  public var item: Int?

  /// Makes an error from its facts.
  public init(
    _ kind: Kind, _ message: String, file: String? = nil, field: String? = nil,
    expected: String? = nil, found: String? = nil, item: Int? = nil
  ) {
    self.kind = kind
    self.message = message
    self.file = file
    self.field = field
    self.expected = expected
    self.found = found
    self.item = item
  }

  /// The same error, about another request or none.
  func about(item: Int?) -> GlissError {
    var error = self
    error.item = item
    return error
  }

  /// The exit status of `sysexits.h` for this error.
  public var exitStatus: Int32 { kind.rawValue }
}

extension GlissError: CustomStringConvertible {
  public var description: String { message }
}
