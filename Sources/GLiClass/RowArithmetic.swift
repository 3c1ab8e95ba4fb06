// The head's arithmetic on single rows, summed in Double in one order: the same on every machine.

internal import Kernels

/// out = mean of `rows` over `span`, zero for an empty span.   out: [width]
func mean(of rows: FloatRows, _ span: Range<Int>, into out: UnsafeMutablePointer<Float>) {
  if span.count == 1 {
    out.update(from: rows[span.lowerBound], count: rows.columns)
    return
  }
  withUnsafeTemporaryAllocation(of: Double.self, capacity: rows.columns) { sums in
    sums.initialize(repeating: 0)
    for row in span {
      let values = rows.row(row)
      for column in values.indices { sums[column] += Double(values[column]) }
    }
    let count = Double(max(span.count, 1))
    for column in sums.indices { out[column] = Float(sums[column] / count) }
  }
}

/// Sum over d of a[d] * b[d].
func dot(_ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>) -> Double {
  var sum = 0.0
  for column in a.indices { sum += Double(a[column]) * Double(b[column]) }
  return sum
}

/// x <- x / (|x| + 1e-8), row by row: epsilon is added, not a floor.
func normalize(_ x: FloatRows) {
  for index in 0..<x.count {
    let row = x[index]
    var sum = 0.0
    for column in 0..<x.columns { sum += Double(row[column]) * Double(row[column]) }
    let divisor = Float(sum.squareRoot()) + 1e-8
    for column in 0..<x.columns { row[column] /= divisor }
  }
}
