// Settings that hold for every run: from the environment and from a file. Options go before both.

import Gliss
import StrictJSON

/// What can be set; the raw value is the key in the file.
package enum SettingKey: String, CaseIterable, Sendable {
  case model, precision, kernels, threads

  /// The environment variable.
  package var variable: String { "GLISS_\(rawValue.uppercased())" }

  /// What holds where nothing is set.
  var builtIn: String {
    switch self {
    case .model: "bundled"
    case .precision: Precision.auto.rawValue
    case .kernels: "the best of this machine"
    case .threads: "one a core"
    }
  }

  /// What a value has to be; nil: it is.
  func fault(in value: String) -> String? {
    switch self {
    case .model, .kernels: return value.utf8.contains(0) ? "text without zero bytes" : nil
    case .precision:
      let choices = Precision.allCases.map(\.rawValue)
      return choices.contains(value) ? nil : "one of \(choices.joined(separator: ", "))"
    case .threads:
      return (1...1024).contains(Int(value) ?? 0) ? nil : "an integer from 1 to 1024"
    }
  }
}

/// One setting, and where it comes from.
package struct Setting: Sendable, Equatable {
  package enum Source: Sendable, Equatable {
    case option
    case variable(String)
    case file(String)
    case builtIn

    /// As `gliss config` prints it.
    package var words: String {
      switch self {
      case .option: "option"
      case .variable(let name): name
      case .file(let path): path
      case .builtIn: "built in"
      }
    }
  }

  package let key: SettingKey
  package let value: String
  package let source: Source
}

/// The settings of one environment.
package struct Settings: Sendable {
  static let fileVariable = "GLISS_CONFIG"
  /// A few lines; more is no settings file.
  private static let fileLimit = 1 << 16

  /// Where the file is looked for; nil without a home folder.
  package let path: String?
  package let isFileThere: Bool
  private let values: [SettingKey: Setting]

  /// Reads the file that GLISS_CONFIG names, which must be there, or the user's own, which may be.
  /// A file in the folder the tool runs in is not looked for: results should not depend on it.
  package init(environment: [String: String]) throws(CommandError) {
    func variable(_ name: String) -> String? {
      environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
    let named = variable(Self.fileVariable)
    path =
      named ?? variable("XDG_CONFIG_HOME").map { $0 + "/gliss/config.json" }
      ?? variable("HOME").map { $0 + "/.config/gliss/config.json" }
    var values: [SettingKey: Setting] = [:]
    var isThere = false
    if let path {
      do {
        values = try Self.read(path)
        isThere = true
      } catch {
        // The user's own file need not exist.
        guard named == nil, case .notFound = error else { throw error }
      }
    }
    isFileThere = isThere
    for key in SettingKey.allCases {
      guard let value = variable(key.variable) else { continue }
      // The library reads and refuses these two itself.
      if key != .model, key != .kernels, let expected = key.fault(in: value) {
        let found = JSON(value).excerpt
        throw .usage("\(key.variable) should be \(expected), found \(found)")
      }
      values[key] = Setting(key: key, value: value, source: .variable(key.variable))
    }
    self.values = values
  }

  package subscript(key: SettingKey) -> Setting {
    values[key] ?? Setting(key: key, value: key.builtIn, source: .builtIn)
  }

  /// A value that was set in the file or, unless the library reads the variable itself, in the
  /// environment.
  func value(_ key: SettingKey) -> String? {
    guard let setting = values[key] else { return nil }
    if case .variable = setting.source, key == .model || key == .kernels { return nil }
    return setting.value
  }

  private static func read(_ path: String) throws(CommandError) -> [SettingKey: Setting] {
    let bytes = try SmallFile.bytes(path)
    guard bytes.count <= fileLimit else {
      throw .malformed(path: path, "the file is longer than \(fileLimit) bytes")
    }
    let json = try SmallFile.json(bytes, path: path)
    var values: [SettingKey: Setting] = [:]
    do throws(FieldError) {
      let fields = try FieldReader(json, file: path)
      for name in fields.object.keys {
        guard let key = SettingKey(rawValue: name) else { throw unknown(name, path) }
        let value = key == .threads ? "\(try fields.int(name))" : try fields.string(name)
        guard !value.isEmpty, key.fault(in: value) == nil else {
          throw fields.error(name, expected: key.fault(in: value) ?? "a string that is not empty")
        }
        values[key] = Setting(key: key, value: value, source: .file(path))
      }
    } catch {
      throw .malformed(path: path, error.sentence)
    }
    return values
  }

  private static func unknown(_ name: String, _ path: String) -> FieldError {
    let keys = SettingKey.allCases.map(\.rawValue)
    let near = Suggestion.nearest(to: name, among: keys).map { "; did you mean \($0)?" } ?? ""
    return FieldError(
      file: path, field: "the key", expected: "one of \(keys.joined(separator: ", "))",
      found: JSON(name).excerpt + near)
  }
}

extension Console {
  func settings() throws(CommandError) -> Settings {
    try Settings(environment: environment)
  }

  /// The model to ask the library for: the one named, else that of the settings file. The library
  /// itself knows GLISS_MODEL and the bundled model.
  func model(_ name: String?) throws(CommandError) -> String? {
    if let name { return name }
    return try settings().value(.model)
  }

  /// What the options leave open, from the settings.
  func completed(_ choice: ModelChoice) throws(CommandError) -> ModelChoice {
    let settings = try settings()
    var choice = choice
    choice.model = choice.model ?? settings.value(.model)
    choice.options.kernels = choice.options.kernels ?? settings.value(.kernels)
    choice.options.threads = choice.options.threads ?? settings.value(.threads).flatMap { Int($0) }
    if !choice.namesPrecision, let value = settings.value(.precision).flatMap(Precision.init) {
      choice.options.precision = value
    }
    return choice
  }
}
