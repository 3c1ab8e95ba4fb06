// Writes a safetensors file whole or not at all. Format: huggingface/safetensors, README, "Format".

import StrictJSON

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Writes `tensors` and `metadata` to `path`.
///
/// Wider element types come first, then the order given, and the header is padded to a multiple of
/// 8 bytes with blanks: every tensor is aligned. The file appears under its name only when it is
/// complete and on disk; an error leaves what was there before. Everything the reader would refuse
/// is refused here with the same error.
package func writeSafetensors(
  _ tensors: [OutputTensor], metadata: [String: String] = [:], to path: String
) throws(SafetensorsError) {
  let ordered = tensors.enumerated().sorted {
    ($1.element.elementType.bitCount, $0.offset) < ($0.element.elementType.bitCount, $1.offset)
  }.map(\.element)
  let header = try headerBytes(ordered, metadata, path: path)
  let dataByteCount = ordered.reduce(0) { $0 + $1.bytes.count }
  _ = try SafetensorsHeader(parsing: header, file: path, dataByteCount: dataByteCount)

  var file = try TemporaryFile(for: path)
  var length = UInt64(header.count).littleEndian
  try withUnsafeBytes(of: &length) { (bytes) throws(SafetensorsError) in try file.write(bytes) }
  try file.write(header)
  for tensor in ordered { try file.write(tensor.bytes) }
  try file.finish()
}

/// Writes a small file such as `config.json`, whole or not at all.
package func writeFile(_ bytes: [UInt8], to path: String) throws(SafetensorsError) {
  var file = try TemporaryFile(for: path)
  try file.write(bytes)
  try file.finish()
}

/// The JSON text with its padding.
private func headerBytes(
  _ tensors: [OutputTensor], _ metadata: [String: String], path: String
) throws(SafetensorsError) -> [UInt8] {
  var members: [JSONObject.Member] = []
  if !metadata.isEmpty {
    let sorted = metadata.sorted { $0.key < $1.key }
    members.append(
      ("__metadata__", .object(JSONObject(sorted.map { ($0.key, .string($0.value)) }))))
  }
  var names: Set<String> = ["__metadata__"]
  var offset = 0
  for tensor in tensors {
    guard names.insert(tensor.name).inserted else {
      throw .duplicateName(file: path, tensor: tensor.name)
    }
    let end = offset + tensor.bytes.count
    members.append(
      (
        tensor.name,
        [
          "dtype": .string(tensor.elementType.rawValue),
          "shape": JSON(tensor.shape.map(JSON.integer)),
          "data_offsets": [.integer(offset), .integer(end)],
        ]
      ))
    offset = end
  }
  var bytes: [UInt8] = []
  JSON.object(JSONObject(members)).write(to: &bytes)
  bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - bytes.count % 8) % 8))
  return bytes
}

/// A file beside its destination that takes the destination's name when it is finished, and is
/// removed when it is not.
private struct TemporaryFile: ~Copyable {
  private let destination: String
  private let path: String
  private let descriptor: Int32
  private var isFinished = false

  init(for destination: String) throws(SafetensorsError) {
    var template = Array("\(destination).XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw .cannotWrite(file: destination, code: errno) }
    self.destination = destination
    self.descriptor = descriptor
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit {
    close(descriptor)
    if !isFinished { unlink(path) }
  }

  func write(_ bytes: [UInt8]) throws(SafetensorsError) {
    try bytes.withUnsafeBufferPointer { (buffer) throws(SafetensorsError) in
      try write(UnsafeRawBufferPointer(buffer))
    }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws(SafetensorsError) {
    var rest = bytes
    while !rest.isEmpty {
      #if canImport(Glibc)
        let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
      #elseif canImport(Musl)
        let count = Musl.write(descriptor, rest.baseAddress, rest.count)
      #else
        let count = Darwin.write(descriptor, rest.baseAddress, rest.count)
      #endif
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .cannotWrite(file: destination, code: errno) }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  /// Brings the bytes to disk, then gives them their name.
  mutating func finish() throws(SafetensorsError) {
    // mkstemp makes the file private; what it replaces keeps its mode, a new one gets the usual.
    var status = stat()
    let mode = stat(destination, &status) == 0 ? status.st_mode & 0o777 : 0o644
    guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0, rename(path, destination) == 0
    else { throw .cannotWrite(file: destination, code: errno) }
    isFinished = true
    // The rename itself reaches the disk with the folder.
    let slash = destination.lastIndex(of: "/")
    let folder = slash.map { String(destination[...$0]) } ?? "."
    let folderDescriptor = open(folder, O_RDONLY | O_CLOEXEC)
    if folderDescriptor >= 0 {
      fsync(folderDescriptor)
      close(folderDescriptor)
    }
  }
}
