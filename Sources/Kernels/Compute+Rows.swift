// Operations that treat every row alone.

internal import CKernels

extension Compute {
  /// Rows per task of a row-wise operation.
  private static let grain = 16

  /// out = LN(x) * weight (+ bias), row by row. `out` may be `x`.
  package func layerNorm(
    _ x: FloatRows, weight: [Float], bias: [Float]?, eps: Float, into out: FloatRows
  ) {
    precondition(x.columns == weight.count && out.columns == x.columns && out.count == x.count)
    forEachChunk(of: x.count, grain: Self.grain) { rows in
      for row in rows { normalizeRow(x[row], weight, bias, eps, out[row]) }
    }
  }

  /// out = table[id] (+ segments[segment]) per row. `ids` and `segmentIDs` are in range.
  package func gather(
    _ ids: [Int32], from table: FloatRows, segmentIDs: [Int32], segments: FloatRows?,
    into out: FloatRows
  ) {
    precondition(ids.count == out.count && out.columns == table.columns)
    forEachChunk(of: ids.count, grain: Self.grain) { rows in
      for row in rows {
        out[row].update(from: table[Int(ids[row])], count: table.columns)
        guard let segments else { continue }
        let segment = segments[Int(segmentIDs[row])]
        for column in 0..<table.columns { out[row][column] += segment[column] }
      }
    }
  }

  /// x = gelu(x), the exact (erf) GELU, in place.
  package func gelu(_ x: FloatRows) {
    forEachChunk(of: x.count, grain: Self.grain) { rows in
      for row in rows { kernels.table.geglu_f32(x[row], nil, x.columns, x[row]) }
    }
  }

  private func normalizeRow(
    _ x: UnsafePointer<Float>, _ weight: [Float], _ bias: [Float]?, _ eps: Float,
    _ out: UnsafeMutablePointer<Float>
  ) {
    weight.withUnsafeBufferPointer { weight in
      if let bias {
        bias.withUnsafeBufferPointer { bias in
          kernels.table.layer_norm_f32(
            x, weight.baseAddress, bias.baseAddress, eps, weight.count, out)
        }
      } else {
        kernels.table.layer_norm_f32(x, weight.baseAddress, nil, eps, weight.count, out)
      }
    }
  }
}
