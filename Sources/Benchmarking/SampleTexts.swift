// Texts to measure with when none are given: English words, as long as mails, reviews and headlines.

/// The same texts on every machine.
package enum SampleTexts {
  package static let labels = ["finance", "sports", "health", "travel", "technology"]

  private static let words = """
    the of and to in is for on that with was as it by at from are this an be has have not but which \
    their they its were been more when will would who than other about into only time some could \
    these two may first then also made over any most after people new between through state where \
    years work company market report price week team game player season doctor patient study hotel \
    flight airport city service customer order delivery screen battery phone software update \
    account payment government election research energy school weather river mountain kitchen
    """.split(whereSeparator: \.isWhitespace).map(String.init)

  /// Texts of 4 to 250 words, short ones more often than long ones: on average about 65.
  package static func make(_ count: Int, seed: UInt64) -> [String] {
    var state = seed
    func next(below bound: Int) -> Int {
      // SplitMix64; the bias of the remainder does not matter here.
      state &+= 0x9E37_79B9_7F4A_7C15
      var value = state
      value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
      value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
      return Int((value ^ value >> 31) >> 1) % bound
    }
    return (0..<count).map { _ in
      // The smaller of three draws: its mean is a quarter of the range.
      let length = 4 + min(next(below: 247), next(below: 247), next(below: 247))
      var text = ""
      for place in 0..<length {
        let word = words[next(below: words.count)]
        text += place == 0 ? word.capitalizedFirst : " " + word
      }
      return text + "."
    }
  }
}

extension String {
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
