// Runs the tool in this process, on files of its own, with a stand-in for the model.

import Gliss
import GlissCommand
import Synchronization
import TestSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What one run wrote, and how it ended.
struct ToolRun {
  let status: ExitStatus
  let output: String
  let error: String

  var lines: [String] { output.split(separator: "\n").map(String.init) }

  /// Runs `gliss` with `arguments`.
  init(
    _ arguments: [String], input: String = "", environment: [String: String] = [:],
    model: any ModelLoader = StandInModel()
  ) throws {
    try self.init(
      arguments, inputBytes: Array(input.utf8), environment: environment, model: model)
  }

  init(
    _ arguments: [String], inputBytes: [UInt8], environment: [String: String] = [:],
    model: any ModelLoader = StandInModel()
  ) throws {
    let folder = try TemporaryFolder()
    for (name, bytes) in ["stdin": inputBytes, "stdout": [], "stderr": []] {
      try folder.write(name, bytes)
    }
    let input = open(folder.path("stdin"), O_RDONLY)
    let output = open(folder.path("stdout"), O_WRONLY)
    let error = open(folder.path("stderr"), O_WRONLY)
    defer { [input, output, error].forEach { close($0) } }
    let console = Console(
      input: input, output: output, error: error, environment: environment, loader: model)
    status = Tool.run(arguments, in: console)
    self.output = String(decoding: try readBytes(folder.path("stdout")), as: UTF8.self)
    self.error = String(decoding: try readBytes(folder.path("stderr")), as: UTF8.self)
  }
}

/// A model whose logits are told by the labels: a label that is a number has it as its logit, any
/// other has 1 if the text contains it and -1 if not. A text "refuse" is refused.
final class StandInModel: ModelLoader, TextScorer {
  private struct Seen {
    var requests: [ClassificationRequest] = []
    var largestBatch = 0
    var choice: ModelChoice?
  }

  let contextLength = 512

  private let seen = Mutex(Seen())
  private let loadError: GlissError?

  init(loadError: GlissError? = nil) {
    self.loadError = loadError
  }

  var requests: [ClassificationRequest] { seen.withLock { $0.requests } }
  var largestBatch: Int { seen.withLock { $0.largestBatch } }
  var choice: ModelChoice? { seen.withLock { $0.choice } }

  func load(_ choice: ModelChoice) throws(GlissError) -> any TextScorer {
    if let loadError { throw loadError }
    seen.withLock { $0.choice = choice }
    return self
  }

  func outcomes(of requests: [ClassificationRequest]) -> [Result<Classification, GlissError>] {
    seen.withLock {
      $0.requests += requests
      $0.largestBatch = max($0.largestBatch, requests.count)
    }
    return requests.map { request in
      if request.text == "refuse" { return .failure(GlissError(.data, "the text was refused")) }
      if request.text == "explode" {
        return .failure(GlissError(.software, "the logit of a is not finite"))
      }
      let scores = request.labels.map(\.name).map { label in
        let logit = Float(label) ?? (request.text.contains(label) ? 1 : -1)
        return LabelScore(label: label, logit: logit, score: 1 / (1 + exp(-logit)))
      }
      return .success(
        Classification(
          scores: scores, tokens: request.text.utf8.count + 2, mode: request.options.mode,
          threshold: request.options.threshold, selection: request.options.selection))
    }
  }
}
