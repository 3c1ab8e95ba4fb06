internal import CKernels

/// The weight of a linear layer, `[outputs, inputs]` row-major in the checkpoint, laid out for one
/// kernel set: panels of `tileColumns` outputs, each panel `inputs` rows of `tileColumns` floats.
/// OpenBLAS takes the checkpoint's own layout. An int8 weight is packed in panels of bytes instead.
///
/// `.gated` interleaves the two halves of a GeGLU projection panel by panel (the first half of a
/// panel's columns are inputs, the second half their gates), so that one tile of the product holds
/// both and the activation needs no pass of its own.
package struct PackedMatrix: Sendable {
  package enum Arrangement: Sendable { case plain, gated }

  /// Rows of the weight = columns of the product before gating.
  package let outputs: Int
  package let inputs: Int
  package let arrangement: Arrangement
  let kernels: KernelSet
  /// Empty for an int8 weight.
  let floats: AlignedFloats
  /// nil for an f32 weight.
  let integers: IntegerPanels?
  /// One value per packed column, in panel order; nil without bias.
  let bias: AlignedFloats?

  /// Columns of what `multiply` writes.
  package var resultColumns: Int { arrangement == .gated ? outputs / 2 : outputs }
  package var byteCount: Int {
    (floats.count + (bias?.count ?? 0)) * MemoryLayout<Float>.stride + (integers?.byteCount ?? 0)
  }

  /// Packs `weight` (`[outputs, inputs]`, row-major) in parallel.
  /// - Precondition: sizes agree; `.gated` needs an even number of outputs.
  package init(
    _ weight: UnsafeBufferPointer<Float>, outputs: Int, inputs: Int, bias: [Float]? = nil,
    arrangement: Arrangement = .plain, compute: Compute
  ) {
    precondition(weight.count == outputs * inputs, "\(weight.count) weights, \(outputs)x\(inputs)")
    nonisolated(unsafe) let weight = weight
    var packer = WeightPacker(compute: compute, arena: WeightArena(regionByteCount: 0))
    self = packer.matrix(
      outputs: outputs, inputs: inputs, bias: bias, arrangement: arrangement
    ) { rows, target in
      _ = target.update(fromContentsOf: weight[rows.lowerBound * inputs..<rows.upperBound * inputs])
    }
  }

  /// A weight as `WeightPacker` has packed it.
  init(
    _ floats: AlignedFloats, bias: [Float]?, outputs: Int, inputs: Int, _ arrangement: Arrangement,
    _ kernels: KernelSet
  ) {
    self.outputs = outputs
    self.inputs = inputs
    self.arrangement = arrangement
    self.kernels = kernels
    self.floats = floats
    integers = nil
    self.bias = bias.map { AlignedFloats(copying: $0) }
  }

  /// Packs an int8 weight, `[outputs, inputs]`, in parallel, for products in int8.
  /// - Precondition: sizes agree; `.gated` needs an even number of outputs; the kernel set computes
  ///   in int8.
  package init(
    _ weight: IntegerWeight, outputs: Int, inputs: Int, bias: [Float]? = nil,
    arrangement: Arrangement = .plain, compute: Compute
  ) {
    precondition(
      weight.bytes.count == outputs * inputs && weight.scales.count == outputs,
      "\(weight.bytes.count) weights, \(weight.scales.count) scales, \(outputs)x\(inputs)")
    precondition(compute.kernels.precisions.contains(.int8), "\(compute.kernels) has no int8")
    Self.check(outputs, bias, arrangement)
    self.outputs = outputs
    self.inputs = inputs
    self.arrangement = arrangement
    kernels = compute.kernels
    floats = AlignedFloats(count: 0)
    let order = Self.columnOrder(
      outputs, arrangement, tileColumns: Int(compute.kernels.integers.tile_columns))
    integers = IntegerPanels(weight, inputs: inputs, order: order, compute: compute)
    self.bias = bias.map { Self.arranged($0, order) }
  }

  private static func check(_ outputs: Int, _ bias: [Float]?, _ arrangement: Arrangement) {
    precondition(bias == nil || bias?.count == outputs, "bias of \(bias?.count ?? 0), \(outputs)")
    precondition(arrangement == .plain || outputs.isMultiple(of: 2), "\(outputs) gated outputs")
  }

  private static func arranged(_ bias: [Float], _ order: [Int]) -> AlignedFloats {
    AlignedFloats(copying: order.map { $0 < 0 ? 0 : bias[$0] })
  }

  var panelCount: Int {
    integers?.panelCount ?? floats.count / max(1, inputs * kernels.tileColumns)
  }

  /// The panels that hold these columns of the product, nil: all.
  func panels(of columns: Range<Int>?) -> Range<Int> {
    guard let columns else { return 0..<panelCount }
    precondition(columns.lowerBound >= 0 && columns.upperBound <= resultColumns)
    let tileColumns = integers?.tileColumns ?? kernels.tileColumns
    let width = resultColumns == outputs ? tileColumns : tileColumns / 2
    return columns.lowerBound / width..<(columns.upperBound + width - 1) / width
  }

  func panel(_ index: Int) -> UnsafeMutablePointer<Float> {
    floats.base + index * inputs * kernels.tileColumns
  }

  /// For every packed column the weight row it holds; -1 is padding.
  private static func columnOrder(
    _ outputs: Int, _ arrangement: Arrangement, tileColumns: Int
  ) -> [Int] {
    switch arrangement {
    case .plain:
      let panels = (outputs + tileColumns - 1) / tileColumns
      return (0..<panels * tileColumns).map { $0 < outputs ? $0 : -1 }
    case .gated:
      let width = tileColumns / 2
      let half = outputs / 2
      let panels = (half + width - 1) / width
      return (0..<panels * tileColumns).map { column in
        let (panel, inside) = column.quotientAndRemainder(dividingBy: tileColumns)
        let unit = panel * width + inside % width
        return unit >= half ? -1 : inside < width ? unit : half + unit
      }
    }
  }
}
