// The exit statuses of `gliss`: BSD's sysexits(3) plus the shell's numbers for signals.

/// How one run of the tool ended.
package enum ExitStatus: Int32, Sendable {
  case success = 0
  /// EX_USAGE: the command line is wrong.
  case usage = 64
  /// EX_DATAERR: a row, a label file or a model file is malformed; or rows were skipped.
  case data = 65
  /// EX_NOINPUT: a file or a model folder is not there.
  case missingInput = 66
  /// EX_UNAVAILABLE: this machine or this build cannot do what was asked.
  case unavailable = 69
  /// EX_SOFTWARE: the engine failed on good input.
  case internalFault = 70
  /// EX_IOERR: reading or writing failed.
  case inputOutput = 74

  /// The paragraph every `--help` of the root ends with.
  static let explanation = """
    Exit status: 0 done; 64 the command line is wrong; 65 a row, label or model file is \
    malformed, or rows were left out with --on-error; 66 a file or model is not there; \
    69 this machine cannot do it; 70 a fault of gliss itself; 74 reading or writing failed; \
    130 interrupted (Ctrl-C). A closed pipe ends the run quietly.
    """
}
