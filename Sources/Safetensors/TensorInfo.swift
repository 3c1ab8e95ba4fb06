// One entry of a safetensors header, validated.

/// Name, type, shape and place of one tensor.
package struct TensorInfo: Sendable, Equatable {
  package let name: String
  package let elementType: ElementType
  /// Outermost dimension first, elements row-major. Empty for a scalar.
  package let shape: [Int]
  /// Its bytes, counted from the start of the file.
  package let byteRange: Range<Int>

  /// Product of the dimensions; the header's reader made sure that it fits.
  package var elementCount: Int { shape.reduce(1, *) }

  /// `[768, 50368] F32`, as error messages show a tensor.
  package var summary: String { "\(shape) \(elementType.rawValue)" }
}
