package import Safetensors

/// What a checkpoint's files hold.
package struct WeightSummary: Sendable {
  /// Elements of the tensors in use; the scales of quantised ones are not counted.
  package let parameterCount: Int
  /// Tensors by element type, for example `F32`.
  package let elementTypes: [String: Int]
  /// Tensors that no part of the model reads.
  package let unused: [String]

  package init(_ tensors: TensorScope) {
    unused = tensors.unusedNames
    let unusedNames = Set(unused)
    let scales = Set(
      tensors.checkpoint.names.filter { tensors.checkpoint.info($0)?.elementType == .i8 }
        .map(TensorScope.scaleName))
    var parameters = 0
    var types: [String: Int] = [:]
    for name in tensors.checkpoint.names {
      guard let info = tensors.checkpoint.info(name) else { continue }
      types[info.elementType.rawValue, default: 0] += 1
      if !unusedNames.contains(name), !scales.contains(name) { parameters += info.elementCount }
    }
    parameterCount = parameters
    elementTypes = types
  }
}
