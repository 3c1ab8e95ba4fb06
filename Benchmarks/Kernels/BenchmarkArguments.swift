// name=value,value arguments. A wrong one ends the program: this is a tool of the authors.

import Kernels

/// The sizes of a model that operations have.
struct Geometry {
  let name: String
  let hidden: Int
  let wide: Int
  let headCount: Int
  let layerCount: Int

  static let all = [
    Geometry(name: "edge", hidden: 384, wide: 576, headCount: 6, layerCount: 10),
    Geometry(name: "base", hidden: 768, wide: 1152, headCount: 12, layerCount: 22),
    Geometry(name: "large", hidden: 1024, wide: 2624, headCount: 16, layerCount: 28),
  ]
}

struct BenchmarkArguments {
  private static let names = [
    "geometry", "rows", "threads", "kernels", "precision", "operations", "cycle", "milliseconds",
  ]
  private var lists: [String: [String]] = [:]

  init(_ arguments: some Sequence<String>) {
    for argument in arguments {
      let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, Self.names.contains(parts[0]) else {
        fatalError("\(argument): expected NAME=LIST, NAME of \(Self.names.joined(separator: ", "))")
      }
      lists[parts[0]] = parts[1].split(separator: ",").map(String.init)
    }
  }

  /// Whether `value` is asked for, or nothing is.
  func runs(_ value: String, of name: String) -> Bool { lists[name]?.contains(value) ?? true }

  var geometries: [Geometry] {
    lists["geometry"] == nil
      ? Geometry.all.filter { $0.name != "large" }
      : Geometry.all.filter { runs($0.name, of: "geometry") }
  }
  var rows: [Int] { numbers("rows") ?? [64, 128, 512, 4096] }
  var threads: [Int] { numbers("threads") ?? [WorkerPool.processorCount] }
  var cycle: Int? { numbers("cycle")?.first }
  var milliseconds: Int { numbers("milliseconds")?.first ?? 100 }

  private func numbers(_ name: String) -> [Int]? {
    lists[name]?.map { word in
      guard let number = Int(word), number > 0 else { fatalError("\(name)=\(word): no number") }
      return number
    }
  }
}
