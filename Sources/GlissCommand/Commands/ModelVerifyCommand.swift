// `gliss model verify`: whether a model folder is whole, sound and runs.

import ArgumentParser
import Gliss
import ModelStore
import StrictJSON

struct ModelVerifyCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check a model folder from its hashes to its first result.",
    discussion: """
        gliss model verify
        gliss model verify ./my-checkpoint
        gliss model verify knowledgator/gliclass-edge-v3.0 --json

      Five checks, each made whatever became of the others: files (what a model needs is there), \
      hashes (against SHA256SUMS in the folder, as sha256sum writes it, or against the names of \
      the Hugging Face cache's blobs), tensors (every number is read; NaN and infinities are \
      faults), model (names, shapes, types and the tokenizer fit the config), result (a text is \
      scored). Status 65 if a check fails, 69 if only this build cannot run the model.
      """
  )

  @OptionGroup var argument: ModelArgument

  @Flag(help: "One JSON object.")
  var json = false

  func run(in console: Console) throws(CommandError) {
    let location: ModelLocation
    do {
      location = try ModelSearch().resolve(try console.model(argument.model))
    } catch let error as ModelStoreError {
      throw CommandError(GlissError(error))
    } catch {
      throw .engine("\(error)", status: .data)
    }
    let verification = ModelVerification(location)
    var output = OutputStream(console.output)
    output.append(
      json
        ? verification.object.serialized(pretty: true) + "\n"
        : verification.text)
    try output.flush()
    if let status = verification.status {
      let count = verification.checks.count { !$0.faults.isEmpty }
      throw .engine("\(location.folder): \(count) of 5 checks failed", status: status)
    }
  }
}

/// The checks of one model folder.
private struct ModelVerification {
  struct Check {
    let name: String
    /// What was found to be right.
    var facts: [String] = []
    /// What is wrong; empty: the check passed.
    var faults: [String] = []
    var status = ExitStatus.data
  }

  let location: ModelLocation
  private(set) var checks: [Check] = []
  private var digests: [FileDigest] = []

  init(_ location: ModelLocation) {
    self.location = location
    checks = [checkFiles(), checkHashes(), checkTensors()]
    let (model, result) = checkRun()
    checks += [model, result]
  }

  /// Nil: every check passed.
  var status: ExitStatus? {
    let failed = checks.filter { !$0.faults.isEmpty }
    guard !failed.isEmpty else { return nil }
    return failed.allSatisfy { $0.status == .unavailable } ? .unavailable : .data
  }

  private func checkFiles() -> Check {
    var check = Check(name: "files")
    let names: [String]
    do {
      names = try ModelSearch().files(of: location).map(\.name)
    } catch {
      check.faults = ["\(error)"]
      return check
    }
    for name in ["config.json", "tokenizer.json"] where !names.contains(name) {
      check.faults.append("\(name) is missing")
    }
    if !names.contains("model.safetensors"), !names.contains("model.safetensors.index.json") {
      check.faults.append("model.safetensors is missing, and so is its index")
    }
    check.facts = ["\(names.count) files"]
    return check
  }

  private mutating func checkHashes() -> Check {
    var check = Check(name: "hashes")
    do {
      digests = try FileDigests.of(folder: location.folder)
    } catch {
      check.faults = ["\(error)"]
      return check
    }
    for file in digests where !file.isExpected {
      let source = file.source?.rawValue ?? ""
      check.faults.append(
        "\(VisibleText.oneLine(file.name)) has SHA-256 \(file.sha256), which is not that of \(source)"
      )
    }
    let known = digests.count { $0.source != nil }
    check.facts =
      known > 0
      ? ["\(known) of \(digests.count) files compared"]
      : ["nothing to compare with: no SHA256SUMS, and not in the Hugging Face cache"]
    return check
  }

  private func checkTensors() -> Check {
    var check = Check(name: "tensors")
    do {
      let scan = try TensorScan(folder: location.folder)
      let types = scan.types.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
      check.facts = [
        "\(scan.tensorCount) tensors (\(types.joined(separator: ", "))), "
          + "\(FactTable.grouped(scan.elementCount)) numbers"
      ]
      check.facts += scan.zeros.map { "\(VisibleText.oneLine($0)) is all zeros" }
      check.faults = scan.faults.map { fault in
        "\(VisibleText.oneLine(fault.name)) \(fault.summary): \(fault.nanCount) NaN, "
          + "\(fault.infinityCount) infinities, the first at \(fault.firstPosition)"
      }
    } catch {
      check.faults = [VisibleText.oneLine("\(error)")]
    }
    return check
  }

  private func checkRun() -> (model: Check, result: Check) {
    var model = Check(name: "model")
    var result = Check(name: "result")
    do throws(GlissError) {
      let classifier = try Classifier(model: location.folder)
      let info = classifier.model
      model.facts = [
        "\(info.architecture), \(info.encoder), \(info.layerCount) layers of \(info.hiddenSize), "
          + "\(FactTable.grouped(info.parameterCount)) parameters"
      ]
      model.facts += info.unusedTensors.map { "\(VisibleText.oneLine($0)) is in no use" }
      do throws(GlissError) {
        let scores = try classifier.classify(
          "The goalkeeper saved two penalties.", labels: ["sports", "cooking"]
        ).scores
        let words = scores.map { "\($0.label) \(ScoreBars.decimal($0.score, places: 3))" }
        result.facts = ["scores are finite: \(words.joined(separator: ", "))"]
      } catch {
        result.faults = [VisibleText.oneLine(error.message)]
      }
    } catch {
      model.faults = [VisibleText.oneLine(error.message)]
      model.status = ExitStatus(rawValue: error.exitStatus) ?? .data
      result.faults = ["the model was not loaded"]
      result.status = model.status
    }
    return (model, result)
  }

  var text: String {
    var lines = ["\(location.name)  \(location.folder)"]
    for check in checks {
      let title = DisplayWidth.padded(check.name, to: 8)
      lines.append(
        "\(check.faults.isEmpty ? "ok    " : "FAILED") \(title) \(check.facts.first ?? "")")
      for fact in check.facts.dropFirst() { lines.append("                \(fact)") }
      for fault in check.faults { lines.append("                \(fault)") }
    }
    for file in digests {
      lines.append("\(file.sha256)  \(VisibleText.oneLine(file.name))")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  var object: JSON {
    let checks = checks.map { check -> JSON in
      [
        "name": JSON(check.name), "ok": JSON(check.faults.isEmpty),
        "facts": JSON(check.facts.map { JSON($0) }),
        "faults": JSON(check.faults.map { JSON($0) }),
      ]
    }
    let files = digests.map { file -> JSON in
      [
        "name": JSON(file.name), "bytes": JSON(file.byteCount), "sha256": JSON(file.sha256),
        "compared_with": file.source.map { JSON($0.rawValue) } ?? .null,
        "ok": JSON(file.isExpected),
      ]
    }
    return [
      "name": JSON(location.name), "folder": JSON(location.folder),
      "ok": JSON(status == nil), "checks": JSON(checks), "files": JSON(files),
    ]
  }
}
