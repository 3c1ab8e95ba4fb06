// Finds the name that an asked-for name was probably meant to be.

/// The name with the fewest one-byte edits to `name`; nil when none is near: more than a third of
/// its length away. Looks at the first 10,000 names of up to 256 bytes, so that an error stays fast.
package func nearestName(_ name: String, in names: [String]) -> String? {
  let wanted = Array(name.utf8)
  guard wanted.count <= 256 else { return nil }
  var best: String?
  var bestDistance = wanted.count / 3 + 1
  for candidate in names.prefix(10_000) where candidate.utf8.count <= 256 {
    guard abs(candidate.utf8.count - wanted.count) < bestDistance else { continue }
    let distance = editDistance(wanted, Array(candidate.utf8))
    if distance < bestDistance {
      bestDistance = distance
      best = candidate
    }
  }
  return best
}

/// Levenshtein distance, one row at a time.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
  var row = Array(0...right.count)
  for (leftIndex, leftByte) in left.enumerated() {
    var diagonal = row[0]
    row[0] = leftIndex + 1
    for (rightIndex, rightByte) in right.enumerated() {
      let substituted = diagonal + (leftByte == rightByte ? 0 : 1)
      diagonal = row[rightIndex + 1]
      row[rightIndex + 1] = min(substituted, row[rightIndex] + 1, diagonal + 1)
    }
  }
  return row[right.count]
}
