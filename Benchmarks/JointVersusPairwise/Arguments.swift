// Two folders, then name=value. A wrong one ends the program: this is a tool of the authors.

import Kernels

struct Arguments {
  let joint: String
  let pairs: String
  private var values: [String: String] = [:]

  private static let names = [
    "labels", "tokens", "precision", "threads", "seconds", "svg", "json",
  ]

  init(_ arguments: some Collection<String>) {
    let folders = Array(arguments.prefix(2))
    guard folders.count == 2 else {
      fatalError("usage: JointVersusPairwise JOINT-FOLDER PAIRS-FOLDER [NAME=VALUE...]")
    }
    (joint, pairs) = (folders[0], folders[1])
    for argument in arguments.dropFirst(2) {
      let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, Self.names.contains(parts[0]) else {
        fatalError(
          "\(argument): expected NAME=VALUE, NAME of \(Self.names.joined(separator: ", "))")
      }
      values[parts[0]] = parts[1]
    }
  }

  var labels: [Int] { numbers("labels") ?? (0...8).map { 1 << $0 } }
  var tokens: Int { numbers("tokens")?.first ?? 128 }
  var threads: Int? { numbers("threads")?.first }
  var seconds: Double { Double(numbers("seconds")?.first ?? 3) }
  var svg: String? { values["svg"] }
  var json: String? { values["json"] }
  var precision: Precision {
    guard let precision = Precision(rawValue: values["precision"] ?? "bf16") else {
      fatalError("precision=\(values["precision"] ?? ""): expected f32, bf16 or int8")
    }
    return precision
  }

  private func numbers(_ name: String) -> [Int]? {
    values[name]?.split(separator: ",").map { word in
      guard let number = Int(word), number > 0 else { fatalError("\(name)=\(word): no number") }
      return number
    }
  }
}
