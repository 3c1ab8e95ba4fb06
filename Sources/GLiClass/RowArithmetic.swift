// The head's arithmetic on single rows, summed in Double in one order: the same on every machine.

internal import Kernels

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
