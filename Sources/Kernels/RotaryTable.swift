#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// Cosines and sines of the rotary embedding for positions `0..<positions`, one row a position.
///
/// Angles are computed as upstream does, in float32: theta^(-2j/d) rounded to float, times the
/// position, rounded; only then cosine and sine. (Double angles differ by 3e-5 at position 512.)
package struct RotaryTable: Sendable {
  package let positions: Int
  /// Half the head dimension: pairs rotated.
  package let half: Int
  /// Floats from one position to the next.
  let stride: Int
  private let cosines: AlignedFloats
  private let sines: AlignedFloats

  /// - Parameter stride: floats from one position to the next; nil: half the dimension.
  package init(positions: Int, headDimension: Int, theta: Double, stride: Int? = nil) {
    self.positions = positions
    half = headDimension / 2
    self.stride = stride ?? half
    cosines = AlignedFloats(count: positions * self.stride)
    sines = AlignedFloats(count: positions * self.stride)
    let frequencies = (0..<half).map { j in
      1 / Float(pow(theta, Double(Float(2 * j) / Float(headDimension))))
    }
    for position in 0..<positions {
      for (j, frequency) in frequencies.enumerated() {
        let angle = Double(Float(position) * frequency)
        cosines.base[position * self.stride + j] = Float(cos(angle))
        sines.base[position * self.stride + j] = Float(sin(angle))
      }
    }
  }

  func cosine(_ position: Int) -> UnsafePointer<Float> {
    UnsafePointer(cosines.base + position * stride)
  }

  func sine(_ position: Int) -> UnsafePointer<Float> {
    UnsafePointer(sines.base + position * stride)
  }
}
