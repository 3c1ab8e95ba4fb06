// Everything that ends a run of the tool, or drops one row of it: what, where, what was expected
// and what to do next, with the exit status of its kind.

import Gliss

/// Where a row came from, as error messages name it.
package struct RowLocation: Sendable, Equatable, CustomStringConvertible {
  /// Where the rows of one source come from.
  package enum Source: Sendable, Equatable {
    case argument
    case standardInput
    case file(String)

    /// As messages and files name it.
    package var name: String {
      switch self {
      case .argument: "argument"
      case .standardInput: "stdin"
      case .file(let path): path
      }
    }
  }

  package let source: Source
  /// Counted from 1: the argument's place, or the line.
  package let number: Int

  package var description: String {
    source == .argument ? "argument \(number)" : "\(source.name):\(number)"
  }
}

/// What is wrong with one row; the rest of the input is unaffected.
package struct RowError: Error, Sendable, Equatable, CustomStringConvertible {
  package let location: RowLocation
  /// The byte in the line, counted from 1, where it is known.
  package let byte: Int?
  package let message: String
  package let status: ExitStatus

  init(
    _ location: RowLocation, byte: Int? = nil, _ message: String, status: ExitStatus = .data
  ) {
    self.location = location
    self.byte = byte
    self.message = message
    self.status = status
  }

  /// What the library says of a row.
  init(_ location: RowLocation, _ error: GlissError) {
    self.init(
      location, error.message, status: ExitStatus(rawValue: error.exitStatus) ?? .data)
  }

  package var description: String {
    let place = byte.map { "\(location):\($0)" } ?? "\(location)"
    return "\(place): \(message)"
  }
}

/// Why a run stopped.
package enum CommandError: Error, Sendable, CustomStringConvertible {
  /// A combination of options the parser cannot see through.
  case usage(String)
  case notFound(path: String)
  case cannotOpen(path: String, reason: String)
  case isFolder(path: String)
  case readFailed(path: String, reason: String)
  /// An output file cannot be made.
  case cannotWrite(path: String, reason: String)
  case writeFailed(path: String, reason: String)
  /// The reader of standard output has gone: nothing to say, nobody to say it to.
  case outputClosed
  /// A file that is read whole holds something else than it should.
  case malformed(path: String, String)
  case row(RowError)
  case rowsSkipped(count: Int, total: Int)
  case rowsQuarantined(count: Int, total: Int, path: String)
  /// The library refused or failed; its own sentence and the kind of failure.
  case engine(String, status: ExitStatus)

  package var status: ExitStatus {
    switch self {
    case .usage: .usage
    case .notFound, .cannotOpen, .isFolder: .missingInput
    case .readFailed, .writeFailed, .cannotWrite: .inputOutput
    case .outputClosed: .success
    case .row(let error): error.status
    case .malformed, .rowsSkipped, .rowsQuarantined: .data
    case .engine(_, let status): status
    }
  }

  package var description: String {
    switch self {
    case .usage(let message): message
    case .notFound(let path): "\(path): there is no such file; check the path"
    case .cannotOpen(let path, let reason): "\(path): cannot be opened: \(reason)"
    case .isFolder(let path): "\(path): is a folder, a file is needed"
    case .readFailed(let path, let reason): "\(path): reading failed: \(reason)"
    case .cannotWrite(let path, let reason): "\(path): cannot be written: \(reason)"
    case .writeFailed(let path, let reason): "\(path): writing failed: \(reason)"
    case .outputClosed: ""
    case .malformed(let path, let message): "\(path): \(message)"
    case .row(let error): error.description
    case .rowsSkipped(let count, let total):
      "skipped \(count) of \(total) rows; every other row was written"
    case .rowsQuarantined(let count, let total, let path):
      "put \(count) of \(total) rows into \(path); every other row was written"
    case .engine(let message, _): message
    }
  }
}
