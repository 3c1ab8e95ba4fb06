// The options that say which model runs, and how.

public import ArgumentParser
public import Gliss

extension LongText: ExpressibleByArgument {}
extension WindowMerge: ExpressibleByArgument {}
extension Precision: ExpressibleByArgument {}
extension TreeConsistency: ExpressibleByArgument {}
extension RerankForm: ExpressibleByArgument {}

/// The options of every command that runs one model.
struct MachineOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A model folder, or a name in the Hugging Face cache (HF_HUB_CACHE, HF_HOME). "
        + "Default: GLISS_MODEL, else the settings file, else the bundled model.",
      valueName: "model"))
  var model: String?

  @Option(
    help: ArgumentHelp(
      "Threads that compute. Default: GLISS_THREADS, else the settings file, else one a core.",
      valueName: "count"))
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "The kernel set; gliss doctor lists them. Default: GLISS_KERNELS, else the settings file, "
        + "else the best.", valueName: "name"))
  var kernels: String?

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads should be from 1 to 1024, found \(threads)")
    }
  }

  /// What the options ask for; what they leave open is the settings' to say.
  func choice(_ precision: Precision?) -> ModelChoice {
    ModelChoice(
      model: model,
      options: Classifier.Options(
        precision: precision ?? .auto, kernels: kernels, threads: threads),
      namesPrecision: precision != nil)
  }
}

struct EngineOptions: ParsableArguments {
  @OptionGroup var machine: MachineOptions

  @Option(
    help: ArgumentHelp(
      "The arithmetic; auto is the fastest of this machine that stays close to f32. Default: "
        + "GLISS_PRECISION, else the settings file, else auto.", valueName: "precision"))
  var precision: Precision?

  var choice: ModelChoice { machine.choice(precision) }
}

extension CommandError {
  /// The library's sentence, and the exit status of its kind.
  init(_ error: GlissError) {
    self = .engine(error.message, status: ExitStatus(rawValue: error.exitStatus) ?? .internalFault)
  }

  /// Runs a part of the library, its error as one of the run.
  static func wrapping<Value>(
    _ body: () throws(GlissError) -> Value
  ) throws(CommandError) -> Value {
    do throws(GlissError) { return try body() } catch { throw CommandError(error) }
  }
}
