// Matrices and tables of a checkpoint, in floats or in 8-bit integers.
//
// In a checkpoint one is NAME.weight, [rows, columns]: F32, F16, BF16 or F64; or, written by
// `gliss model quantize`, I8 in -127...127 beside NAME.weight_scale, F32 [rows], so that
// weight[i][j] = weight_scale[i] * byte.

internal import Kernels
internal import Safetensors

extension TensorScope {
  /// Whether the tensor is there as 8-bit integers.
  func isQuantized(_ weight: String) -> Bool { info(weight)?.elementType == .i8 }

  /// The name of the scales beside a weight.
  static func scaleName(_ weight: String) -> String { "\(weight)_scale" }

  /// Reads rows of a tensor as floats for a `WeightPacker`; integers are multiplied by their scales.
  /// Name and shape are checked before memory is set aside for it.
  func rowReader(
    _ name: String, shape: [Int]
  ) throws(SafetensorsError) -> RowReader<SafetensorsError> {
    try require(name, shape: shape)
    guard isQuantized(name) else {
      return { (rows, target) throws(SafetensorsError) in
        try readRows(name, shape: shape, rows: rows, into: target)
      }
    }
    let scales = try scales(of: name, rows: shape[0])
    let width = shape.dropFirst().reduce(1, *)
    return { (rows, target) throws(SafetensorsError) in
      var bytes = [Int8](repeating: 0, count: rows.count * width)
      try bytes.withUnsafeMutableBufferPointer { (bytes) throws(SafetensorsError) in
        try readBytes(name, shape: shape, rows: rows, into: bytes)
        for (index, row) in rows.enumerated() {
          for position in index * width..<(index + 1) * width {
            target[position] = scales[row] * Float(bytes[position])
          }
        }
      }
    }
  }

  /// Rows of a quantised tensor as they are.
  func readBytes(
    _ name: String, shape: [Int], rows: Range<Int>,
    into bytes: UnsafeMutableBufferPointer<Int8>
  ) throws(SafetensorsError) {
    try readIntegerRows(name, shape: shape, rows: rows, into: bytes)
    guard let position = bytes.firstIndex(of: -128) else { return }
    throw .wrongValue(
      file: try file(of: name), tensor: fullName(name),
      position: rows.lowerBound * shape.dropFirst().reduce(1, *) + position,
      expected: "integers in -127...127", found: "-128")
  }

  /// The scales of a quantised tensor, one a row.
  func scales(of weight: String, rows: Int) throws(SafetensorsError) -> [Float] {
    let name = Self.scaleName(weight)
    if let type = info(name)?.elementType, type != .f32 {
      throw .wrongType(
        file: try file(of: name), tensor: fullName(name), expected: "F32", found: type)
    }
    let scales = try floats(name, shape: [rows])
    guard let position = scales.firstIndex(where: { $0.sign == .minus }) else { return scales }
    throw .wrongValue(
      file: try file(of: name), tensor: fullName(name), position: position,
      expected: "scales of 0 or more", found: "\(scales[position])")
  }
}
