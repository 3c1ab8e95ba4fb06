// The two curves as a picture: texts a second by labels, both axes logarithmic.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// An SVG of a comparison.
struct Plot {
  private let rows: [ComparisonRow]
  private let title: String

  private static let (width, height) = (720.0, 420.0)
  private static let (left, right, top, bottom) = (70.0, 140.0, 48.0, 52.0)

  init(_ rows: [ComparisonRow], title: String) {
    self.rows = rows
    self.title = title
  }

  var svg: String {
    let curves: [(name: String, color: String, speed: (ComparisonRow) -> Double)] = [
      ("joint", "#0b6e4f", { $0.joint.textsPerSecond }),
      ("pairwise", "#b3541e", { $0.pairwise.textsPerSecond }),
    ]
    let speeds = rows.flatMap { row in curves.map { $0.speed(row) } }
    let range = log10(speeds.min() ?? 1).rounded(.down)...log10(speeds.max() ?? 10).rounded(.up)
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Self.width) \(Self.height)\" "
        + "font-family=\"sans-serif\" font-size=\"13\" role=\"img\">",
      "<title>Texts a second, joint and pairwise, \(title)</title>",
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
      text(
        Self.left, 26, "Texts a second by number of labels: \(title)", "start", "font-size=\"15\""),
    ]
    for power in Int(range.lowerBound)...Int(range.upperBound) {
      let y = vertical(Double(power), range)
      lines.append(rule(Self.left, y, Self.width - Self.right, y))
      lines.append(text(Self.left - 8, y + 4, Self.power(power), "end"))
    }
    for row in rows {
      let x = horizontal(row)
      lines.append(rule(x, Self.top, x, Self.height - Self.bottom))
      lines.append(text(x, Self.height - Self.bottom + 18, "\(row.labels)", "middle"))
    }
    lines.append(
      text((Self.left + Self.width - Self.right) / 2, Self.height - 12, "labels", "middle"))
    for curve in curves {
      let points = rows.map { (horizontal($0), vertical(log10(curve.speed($0)), range)) }
      let path = points.map { "\(Self.fixed($0.0)),\(Self.fixed($0.1))" }.joined(separator: " ")
      lines.append(
        "<polyline points=\"\(path)\" fill=\"none\" stroke=\"\(curve.color)\" stroke-width=\"2.5\"/>"
      )
      for point in points {
        lines.append(
          "<circle cx=\"\(Self.fixed(point.0))\" cy=\"\(Self.fixed(point.1))\" r=\"3.5\" "
            + "fill=\"\(curve.color)\"/>")
      }
      if let last = points.last {
        lines.append(
          text(last.0 + 10, last.1 + 4, curve.name, "start", "fill=\"\(curve.color)\""))
      }
    }
    return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  private func horizontal(_ row: ComparisonRow) -> Double {
    let (first, last) = (rows.first?.labels ?? 1, rows.last?.labels ?? 1)
    guard last > first else { return Self.left }
    let share = log2(Double(row.labels) / Double(first)) / log2(Double(last) / Double(first))
    return Self.left + share * (Self.width - Self.left - Self.right)
  }

  private func vertical(_ power: Double, _ range: ClosedRange<Double>) -> Double {
    let share = (power - range.lowerBound) / max(1, range.upperBound - range.lowerBound)
    return Self.height - Self.bottom - share * (Self.height - Self.top - Self.bottom)
  }

  private func rule(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> String {
    "<line x1=\"\(Self.fixed(x1))\" y1=\"\(Self.fixed(y1))\" x2=\"\(Self.fixed(x2))\" "
      + "y2=\"\(Self.fixed(y2))\" stroke=\"#d8d8d8\"/>"
  }

  private func text(
    _ x: Double, _ y: Double, _ words: String, _ anchor: String, _ more: String = ""
  ) -> String {
    "<text x=\"\(Self.fixed(x))\" y=\"\(Self.fixed(y))\" text-anchor=\"\(anchor)\" \(more)>"
      + "\(words)</text>"
  }

  private static func power(_ power: Int) -> String {
    power >= 0 ? "1" + String(repeating: "0", count: power) : "\(pow(10, Double(power)))"
  }

  private static func fixed(_ value: Double) -> Double { (value * 10).rounded() / 10 }
}
