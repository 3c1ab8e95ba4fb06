// How a model asks for its weights: by name below a prefix, with the shape its config implies.

private import Synchronization

/// The tensors of a checkpoint below a prefix.
///
/// All scopes made from one another share a record of the names that were asked for, so that the
/// tensors nobody wanted can be named. Reads are safe from several threads.
package struct TensorScope: Sendable {
  package let checkpoint: Checkpoint
  /// Empty, or ending in a dot.
  package let prefix: String
  private let record: Record

  private final class Record: Sendable {
    let askedFor = Mutex<Set<String>>([])
  }

  init(_ checkpoint: Checkpoint) {
    self.checkpoint = checkpoint
    prefix = ""
    record = Record()
  }

  private init(_ outer: TensorScope, prefix: String) {
    checkpoint = outer.checkpoint
    record = outer.record
    self.prefix = prefix
  }

  /// The tensors whose names go on with `name` and a dot: `scoped("layers.3")`.
  package func scoped(_ name: String) -> TensorScope {
    TensorScope(self, prefix: "\(prefix)\(name).")
  }

  /// The name in the checkpoint.
  package func fullName(_ name: String) -> String { prefix + name }

  /// Whether the tensor exists. For the rare checkpoint that only its tensors tell apart: what is
  /// optional is the config's decision.
  package func contains(_ name: String) -> Bool { info(name) != nil }

  package func info(_ name: String) -> TensorInfo? { checkpoint.info(fullName(name)) }

  /// Checks that the tensor exists with `shape` exactly, before memory is set aside for it.
  package func require(_ name: String, shape: [Int]) throws(SafetensorsError) {
    _ = try place(name, shape)
  }

  /// The whole tensor as `Float`, row-major. It must have `shape` exactly.
  package func floats(_ name: String, shape: [Int]) throws(SafetensorsError) -> [Float] {
    let source = try place(name, shape)
    let count = source.tensor.elementCount
    var failure: SafetensorsError?
    let values = [Float](unsafeUninitializedCapacity: count) { buffer, initializedCount in
      do throws(SafetensorsError) {
        try source.readFloats(
          0..<count, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
        initializedCount = count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return values
  }

  /// The whole tensor into memory of the caller, of as many floats as `shape` has elements; besides
  /// it one small buffer is used.
  package func read(
    _ name: String, shape: [Int], into destination: UnsafeMutableBufferPointer<Float>
  ) throws(SafetensorsError) {
    let source = try place(name, shape)
    try source.readFloats(0..<source.tensor.elementCount, into: destination)
  }

  /// The file that holds the tensor, for errors about its values.
  package func file(of name: String) throws(SafetensorsError) -> String {
    try checkpoint.place(fullName(name)).file.path
  }

  /// Some rows (slices along the first dimension) of a tensor of `shape`.
  package func readRows(
    _ name: String, shape: [Int], rows: Range<Int>,
    into destination: UnsafeMutableBufferPointer<Float>
  ) throws(SafetensorsError) {
    let source = try place(name, shape)
    try source.readFloats(source.elements(of: rows), into: destination)
  }

  /// As `readRows`, of an I8 tensor.
  package func readIntegerRows(
    _ name: String, shape: [Int], rows: Range<Int>,
    into destination: UnsafeMutableBufferPointer<Int8>
  ) throws(SafetensorsError) {
    let source = try place(name, shape)
    try source.readIntegers(source.elements(of: rows), into: destination)
  }

  /// Counts a tensor as asked for without reading it: a buffer that the model computes itself.
  package func ignore(_ name: String) {
    record.askedFor.withLock { _ = $0.insert(fullName(name)) }
  }

  /// `ignore` for every tensor whose name goes on with `name` and a dot.
  package func ignoreAll(_ name: String) {
    let below = scoped(name)
    for name in checkpoint.names where name.hasPrefix(below.prefix) {
      record.askedFor.withLock { _ = $0.insert(name) }
    }
  }

  /// Full names of the tensors below the prefix that nobody has asked for, in file order.
  package var unusedNames: [String] {
    let askedFor = record.askedFor.withLock { $0 }
    return checkpoint.names.filter { $0.hasPrefix(prefix) && !askedFor.contains($0) }
  }

  private func place(
    _ name: String, _ shape: [Int]
  ) throws(SafetensorsError) -> TensorSource {
    let name = fullName(name)
    if let random = checkpoint.random {
      return TensorSource(name, shape: shape, from: random)
    }
    let (file, tensor) = try checkpoint.place(name)
    record.askedFor.withLock { _ = $0.insert(name) }
    guard tensor.shape == shape else {
      throw .shapeMismatch(file: file.path, tensor: name, expected: shape, found: tensor.shape)
    }
    return TensorSource(tensor, in: file)
  }
}
