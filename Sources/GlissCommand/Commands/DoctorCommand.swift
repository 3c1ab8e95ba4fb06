// `gliss doctor`: what this machine offers, and whether the bundled model is there.

import ArgumentParser
import Gliss
import ModelStore
import StrictJSON

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

struct DoctorCommand: ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Say what this machine offers, and what is missing.",
    discussion: """
        gliss doctor
        gliss doctor --json
        GLISS_KERNELS=avx2 gliss doctor

      Names the processor's features, the kernel sets, which one runs and why, the threads, the \
      libraries, and where the bundled model was found. Ends with status 69 when something that \
      gliss classify needs is missing.
      """
  )

  @Flag(help: "One JSON object.")
  var json = false

  func run(in console: Console) throws(CommandError) {
    let machine: MachineReport
    let options = try console.completed(
      ModelChoice(model: nil, options: Classifier.Options())
    ).options
    do {
      machine = try MachineReport(options: options)
    } catch {
      throw CommandError(error)
    }
    let model = BundledModelReport()
    var output = OutputStream(console.output)
    if json {
      output.append(Self.object(machine, model).serialized(pretty: true) + "\n")
    } else {
      output.append(FactTable.text(Self.facts(machine, model)))
    }
    try output.flush()
    if let problem = model.problem { throw .engine(problem, status: .unavailable) }
  }

  private static func object(_ machine: MachineReport, _ model: BundledModelReport) -> JSON {
    let sets = machine.kernelSets.map { set -> JSON in
      [
        "name": JSON(set.name), "supported": JSON(set.missing.isEmpty),
        "missing": JSON(set.missing.map { JSON($0) }),
      ]
    }
    let libraries = machine.libraries.sorted { $0.key < $1.key }
    return [
      "version": JSON(Version.text),
      "cpu_features": JSON(machine.cpuFeatures.map { JSON($0) }),
      "kernel_sets": JSON(sets),
      "kernels": JSON(machine.chosen),
      "kernels_reason": JSON(machine.reason),
      "threads": JSON(machine.threads),
      "libraries": .object(JSONObject(libraries.map { (key: $0.key, value: JSON($0.value)) })),
      "bundled_model": model.folder.map { JSON($0) } ?? .null,
      "bundled_model_problem": model.problem.map { JSON($0) } ?? .null,
    ]
  }

  private static func facts(
    _ machine: MachineReport, _ model: BundledModelReport
  ) -> [(title: String, text: String)] {
    let sets = machine.kernelSets.map { set in
      set.missing.isEmpty
        ? set.name : "\(set.name) (needs \(set.missing.joined(separator: ", ")))"
    }
    let libraries = machine.libraries.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    return [
      ("gliss", Version.text),
      ("Processor features", machine.cpuFeatures.joined(separator: " ")),
      ("Kernel sets", sets.joined(separator: "\n")),
      ("Runs on", "\(machine.chosen): \(machine.reason)"),
      ("Threads", "\(machine.threads)"),
      ("Libraries", libraries.joined(separator: "\n")),
      ("Bundled model", model.folder ?? "missing"),
    ]
  }
}

/// Whether the bundled model can be found, whatever GLISS_MODEL says.
private struct BundledModelReport {
  let folder: String?
  let problem: String?

  init() {
    let places = ModelSearch().bundledFolders()
    folder = places.first { access($0 + "/config.json", R_OK) == 0 }
    problem =
      folder == nil
      ? "the bundled model was not found; looked for \(places.joined(separator: ", "))" : nil
  }
}
