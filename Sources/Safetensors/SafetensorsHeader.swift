// Reads the header of a safetensors file. Format: huggingface/safetensors, README, "Format".
// Stricter than the reference, which takes duplicate names, leading blanks, unknown fields, names
// such as "../x" and a rank of 1000.

import StrictJSON

/// A validated header: its tensors tile the data of the file without holes and overlaps.
struct SafetensorsHeader {
  /// In the order of their bytes.
  let tensors: [TensorInfo]
  let metadata: [String: String]

  /// The reference's limit.
  static let byteLimit = 100_000_000
  static let rankLimit = 8
  /// JSON values of a header, which bounds the memory it takes: about 250,000 matrices.
  static let valueLimit = 1 << 21

  /// Length of the header from the first 8 bytes of a file, before anything is allocated for it.
  static func byteCount(
    declared: UInt64, file: String, fileByteCount: Int
  ) throws(SafetensorsError) -> Int {
    guard declared <= byteLimit else {
      throw .headerTooLong(file: file, byteCount: declared, limit: byteLimit)
    }
    let byteCount = Int(declared)
    guard byteCount <= fileByteCount - 8 else {
      throw .headerBeyondFile(file: file, headerByteCount: byteCount, fileByteCount: fileByteCount)
    }
    return byteCount
  }

  /// `bytes`: the JSON text; `dataByteCount`: how many bytes of the file follow it.
  init(parsing bytes: [UInt8], file: String, dataByteCount: Int) throws(SafetensorsError) {
    guard bytes.first == UInt8(ascii: "{") else { throw .headerIsNoObject(file: file) }
    let limits = JSONLimits(byteCount: Self.byteLimit, depth: 3, valueCount: Self.valueLimit)
    let json: JSON
    do { json = try JSON(parsing: bytes, limits: limits) } catch {
      throw .invalidHeader(file: file, error)
    }
    guard let object = json.object else { throw .headerIsNoObject(file: file) }
    let fields = FieldReader(object, file: file)
    let dataStart = 8 + bytes.count
    var tensors: [TensorInfo] = []
    tensors.reserveCapacity(object.count)
    for name in object.keys where name != "__metadata__" {
      tensors.append(try Self.tensor(name, fields, dataStart: dataStart))
    }
    tensors.sort {
      ($0.byteRange.lowerBound, $0.byteRange.upperBound)
        < ($1.byteRange.lowerBound, $1.byteRange.upperBound)
    }
    try Self.checkTiling(tensors, file: file, dataStart: dataStart, dataByteCount: dataByteCount)
    self.tensors = tensors
    self.metadata = try Self.metadata(fields)
  }

  private static func tensor(
    _ name: String, _ header: FieldReader, dataStart: Int
  ) throws(SafetensorsError) -> TensorInfo {
    let file = header.file
    guard !name.isEmpty else { throw .emptyName(file: file) }
    guard isSafe(name) else { throw .unsafeName(file: file, tensor: name) }
    let entry: Entry
    do { entry = try Entry(name, in: header) } catch { throw .invalidField(error) }
    if let field = entry.unknownField {
      throw .unknownField(file: file, tensor: name, field: field)
    }
    let (shape, begin, end) = (entry.shape, entry.begin, entry.end)
    guard shape.count <= rankLimit else {
      throw .rankTooHigh(file: file, tensor: name, rank: shape.count, limit: rankLimit)
    }
    let byteCount = try byteCount(entry.type, shape, tensor: name, file: file)
    guard begin <= end else {
      throw .reversedOffsets(file: file, tensor: name, begin: begin, end: end)
    }
    guard end - begin == byteCount else {
      throw .byteCountMismatch(
        file: file, tensor: name, expected: byteCount, found: end - begin)
    }
    let (fileEnd, overflows) = end.addingReportingOverflow(dataStart)
    guard !overflows else { throw .tensorTooLarge(file: file, tensor: name) }
    return TensorInfo(
      name: name, elementType: entry.type, shape: shape,
      byteRange: (fileEnd - byteCount)..<fileEnd)
  }

  /// Bytes of a tensor; every partial product must fit, even when a later dimension is 0.
  private static func byteCount(
    _ type: ElementType, _ shape: [Int], tensor: String, file: String
  ) throws(SafetensorsError) -> Int {
    var bitCount = type.bitCount
    for dimension in shape {
      let (product, overflows) = bitCount.multipliedReportingOverflow(by: dimension)
      guard !overflows else { throw .tensorTooLarge(file: file, tensor: tensor) }
      bitCount = product
    }
    guard bitCount % 8 == 0 else {
      throw .partialByte(file: file, tensor: tensor, bitCount: bitCount)
    }
    return bitCount / 8
  }

  private static func checkTiling(
    _ tensors: [TensorInfo], file: String, dataStart: Int, dataByteCount: Int
  ) throws(SafetensorsError) {
    var end = 0
    for tensor in tensors {
      let begin = tensor.byteRange.lowerBound - dataStart
      guard begin >= end else {
        throw .overlap(file: file, tensor: tensor.name, begin: begin, previousEnd: end)
      }
      guard begin <= end else {
        throw .hole(file: file, tensor: tensor.name, begin: begin, previousEnd: end)
      }
      end = tensor.byteRange.upperBound - dataStart
    }
    guard end == dataByteCount else {
      throw .dataByteCountMismatch(file: file, expected: end, found: dataByteCount)
    }
  }

  private static func metadata(_ header: FieldReader) throws(SafetensorsError) -> [String: String] {
    guard header.contains("__metadata__") else { return [:] }
    var metadata: [String: String] = [:]
    do {
      let fields = try header.object("__metadata__")
      for key in fields.object.keys { metadata[key] = try fields.string(key) }
    } catch {
      throw .invalidField(error)
    }
    return metadata
  }

  /// Names end up in messages and may be turned into file names by others.
  private static func isSafe(_ name: String) -> Bool {
    var previous: Unicode.Scalar = " "
    for scalar in name.unicodeScalars {
      if scalar.properties.generalCategory == .control { return false }
      if scalar == ".", previous == "." { return false }
      previous = scalar
    }
    return true
  }
}

/// The fields of one tensor as the header states them.
private struct Entry {
  let type: ElementType
  let shape: [Int]
  /// Bytes from the start of the data.
  let begin: Int
  let end: Int
  let unknownField: String?

  init(_ name: String, in header: FieldReader) throws(FieldError) {
    let fields = try header.object(name)
    type = try fields.choice("dtype")
    shape = try fields.ints("shape", in: 0 ... .max)
    let offsets = try fields.ints("data_offsets", in: 0 ... .max)
    guard offsets.count == 2 else {
      throw fields.error("data_offsets", expected: "two integers, begin and end")
    }
    (begin, end) = (offsets[0], offsets[1])
    unknownField = fields.object.keys.first {
      $0 != "dtype" && $0 != "shape" && $0 != "data_offsets"
    }
  }
}
