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
  private let cosines: AlignedFloats
  private let sines: AlignedFloats

  package init(positions: Int, headDimension: Int, theta: Double) {
    self.positions = positions
    half = headDimension / 2
    cosines = AlignedFloats(count: positions * half)
    sines = AlignedFloats(count: positions * half)
    let frequencies = (0..<half).map { j in
      1 / Float(pow(theta, Double(Float(2 * j) / Float(headDimension))))
    }
    for position in 0..<positions {
      for (j, frequency) in frequencies.enumerated() {
        let angle = Double(Float(position) * frequency)
        cosines.base[position * half + j] = Float(cos(angle))
        sines.base[position * half + j] = Float(sin(angle))
      }
    }
  }

  func cosine(_ position: Int) -> UnsafePointer<Float> {
    UnsafePointer(cosines.base + position * half)
  }

  func sine(_ position: Int) -> UnsafePointer<Float> {
    UnsafePointer(sines.base + position * half)
  }
}
