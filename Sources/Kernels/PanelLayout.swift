internal import CKernels

/// Which rows of a weight lie in which panel. A panel is `tileColumns` rows, or, for a gated weight,
/// half as many inputs and the gates that belong to them.
struct PanelLayout: Sendable {
  let outputs: Int
  let tileColumns: Int
  let panelCount: Int
  private let isGated: Bool

  init(_ outputs: Int, _ arrangement: PackedMatrix.Arrangement, tileColumns: Int) {
    self.outputs = outputs
    self.tileColumns = tileColumns
    isGated = arrangement == .gated
    let (count, width) = isGated ? (outputs / 2, tileColumns / 2) : (outputs, tileColumns)
    panelCount = (count + width - 1) / width
  }

  /// The rows of a panel: one range, or inputs and gates.
  func rows(of panel: Int) -> [Range<Int>] {
    guard isGated else {
      let first = panel * tileColumns
      return [first..<min(outputs, first + tileColumns)]
    }
    let half = outputs / 2
    let first = panel * (tileColumns / 2)
    let end = min(half, first + tileColumns / 2)
    return [first..<end, half + first..<half + end]
  }

  /// Packs a panel whose rows lie one after the other at `source`. Missing rows become zeros.
  func pack(
    _ panel: Int, inputs: Int, from source: UnsafePointer<Float>,
    into target: UnsafeMutablePointer<Float>
  ) {
    withUnsafeTemporaryAllocation(of: UnsafePointer<Float>?.self, capacity: tileColumns) { rows in
      rows.initialize(repeating: nil)
      var (next, slot) = (source, 0)
      for range in self.rows(of: panel) {
        for offset in 0..<range.count {
          rows[slot + offset] = next
          next += inputs
        }
        slot += tileColumns / 2
      }
      gk_pack_panel_f32(rows.baseAddress, tileColumns, inputs, target)
    }
  }

  /// One value for every row of the weight, in the order of the panels; 0 where a row is missing.
  func packed(_ values: [Float]) -> [Float] {
    (0..<panelCount).flatMap { panel in
      var result = [Float](repeating: 0, count: tileColumns)
      for (part, range) in rows(of: panel).enumerated() {
        for (offset, row) in range.enumerated() {
          result[part * (tileColumns / 2) + offset] = values[row]
        }
      }
      return result
    }
  }
}
