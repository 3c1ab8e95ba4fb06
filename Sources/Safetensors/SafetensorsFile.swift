// One safetensors file, open for reading.

/// A safetensors file whose header has been read and found valid. Reads are safe from several
/// threads.
package final class SafetensorsFile: Sendable {
  package let path: String
  /// In the order of their bytes.
  package let tensors: [TensorInfo]
  package let metadata: [String: String]
  private let file: OpenFile
  private let positions: [String: Int]

  /// Bytes of a tensor that are converted at a time: small enough to stay in the cache.
  private static let chunkByteCount = 256 << 10

  package convenience init(
    _ path: String, reading: ReadingMode = .pread
  ) throws(SafetensorsError) {
    try self.init(OpenFile(path, reading: reading))
  }

  init(_ file: OpenFile) throws(SafetensorsError) {
    let path = file.path
    guard file.byteCount >= 8 else {
      throw .noHeaderLength(file: path, byteCount: file.byteCount)
    }
    var declared: UInt64 = 0
    try withUnsafeMutableBytes(of: &declared) { (buffer) throws(SafetensorsError) in
      try file.read(at: 0, into: buffer)
    }
    let headerByteCount = try SafetensorsHeader.byteCount(
      declared: UInt64(littleEndian: declared), file: path, fileByteCount: file.byteCount)
    let header = try SafetensorsHeader(
      parsing: file.bytes(8..<(8 + headerByteCount)), file: path,
      dataByteCount: file.byteCount - 8 - headerByteCount)
    var positions: [String: Int] = [:]
    positions.reserveCapacity(header.tensors.count)
    for (position, tensor) in header.tensors.enumerated() {
      // The JSON reader tells keys apart by bytes; names that only Unicode calls equal end here.
      guard positions.updateValue(position, forKey: tensor.name) == nil else {
        throw .duplicateName(file: path, tensor: tensor.name)
      }
    }
    try file.checkUnchanged()
    self.path = path
    self.file = file
    self.positions = positions
    tensors = header.tensors
    metadata = header.metadata
  }

  package func info(_ name: String) -> TensorInfo? { positions[name].map { tensors[$0] } }

  /// The tensor's bytes as they are in the file, little-endian, row-major.
  package func bytes(of tensor: TensorInfo) throws(SafetensorsError) -> [UInt8] {
    try file.checkUnchanged()
    return try file.bytes(tensor.byteRange)
  }

  /// Reads consecutive elements of a tensor of this file as `Float`.
  ///
  /// F32 goes straight into `destination`; F16, BF16 and F64 pass through one small buffer. F64 is
  /// rounded to nearest. Fails when the type is not one of these four, when a value is not finite
  /// as `Float`, and when the file changed since it was opened.
  /// - Parameter elements: within the tensor, as many as `destination` has room for.
  package func readFloats(
    of tensor: TensorInfo, elements: Range<Int>, into destination: UnsafeMutableBufferPointer<Float>
  ) throws(SafetensorsError) {
    precondition(
      elements.count == destination.count && elements.lowerBound >= 0
        && elements.upperBound <= tensor.elementCount,
      "\(elements) of \(tensor.name) \(tensor.summary) into \(destination.count) floats")
    guard tensor.elementType.convertsToFloat else {
      throw .noFloats(file: path, tensor: tensor.name, found: tensor.elementType)
    }
    try file.checkUnchanged()
    let elementByteCount = tensor.elementType.bitCount / 8
    let start = tensor.byteRange.lowerBound + elements.lowerBound * elementByteCount
    let isFinite =
      tensor.elementType == .f32
      ? try readFloat32(at: start, into: destination)
      : try convertFloats(tensor.elementType, at: start, into: destination)
    guard isFinite else {
      let position = destination.firstIndex { !$0.isFinite } ?? 0
      throw .notFinite(
        file: path, tensor: tensor.name, position: elements.lowerBound + position)
    }
  }

  /// Reads consecutive elements of an I8 tensor of this file. Fails when it is of another type, and
  /// when the file changed since it was opened.
  /// - Parameter elements: within the tensor, as many as `destination` has room for.
  package func readIntegers(
    of tensor: TensorInfo, elements: Range<Int>,
    into destination: UnsafeMutableBufferPointer<Int8>
  ) throws(SafetensorsError) {
    precondition(
      elements.count == destination.count && elements.lowerBound >= 0
        && elements.upperBound <= tensor.elementCount,
      "\(elements) of \(tensor.name) \(tensor.summary) into \(destination.count) bytes")
    guard tensor.elementType == .i8 else {
      throw .wrongType(
        file: path, tensor: tensor.name, expected: "I8", found: tensor.elementType)
    }
    try file.checkUnchanged()
    try file.read(
      at: tensor.byteRange.lowerBound + elements.lowerBound,
      into: UnsafeMutableRawBufferPointer(destination))
  }

  /// Reads into the destination itself, and looks at each chunk while it is in the cache.
  private func readFloat32(
    at start: Int, into destination: UnsafeMutableBufferPointer<Float>
  ) throws(SafetensorsError) -> Bool {
    var isFinite = true
    let chunkCount = Self.chunkByteCount / 4
    for first in stride(from: 0, to: destination.count, by: chunkCount) {
      let chunk = UnsafeMutableBufferPointer(
        rebasing: destination[first..<min(first + chunkCount, destination.count)])
      try file.read(at: start + 4 * first, into: UnsafeMutableRawBufferPointer(chunk))
      if !FloatConversion.fixByteOrder(chunk) { isFinite = false }
    }
    return isFinite
  }

  private func convertFloats(
    _ type: ElementType, at start: Int, into destination: UnsafeMutableBufferPointer<Float>
  ) throws(SafetensorsError) -> Bool {
    var isFinite = true
    var converted = 0
    let byteCount = destination.count * (type.bitCount / 8)
    try file.withChunks(
      of: start..<(start + byteCount), chunkByteCount: Self.chunkByteCount
    ) { (bytes) throws(SafetensorsError) in
      let count = bytes.count / (type.bitCount / 8)
      let chunk = UnsafeMutableBufferPointer(
        rebasing: destination[converted..<(converted + count)])
      if !FloatConversion.convert(bytes, type, into: chunk) { isFinite = false }
      converted += count
    }
    return isFinite
  }
}
