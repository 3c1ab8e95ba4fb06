// Which tokens of a long text are read together.

import GLiClass
import Testing

@Suite("Nothing is cut silently, and labels never")
struct WindowPlanTests {
  @Test("a text that fits is one range", arguments: [0, 1, 10])
  func fits(tokens: Int) throws {
    for policy in [LongTextPolicy.error, .truncate, .window(overlap: 3)] {
      let plan = try WindowPlan(textTokens: tokens, fixedTokens: 6, limit: 16, policy: policy)
      #expect(plan.ranges == [0..<tokens])
      #expect(plan.truncated == 0)
    }
  }

  @Test("error says how many tokens there are and how many fit")
  func error() {
    #expect {
      try WindowPlan(textTokens: 11, fixedTokens: 6, limit: 16, policy: .error)
    } throws: { error in
      guard case .textTooLong(17, 16)? = error as? GLiClassError else { return false }
      return "\(error)".contains("17") && "\(error)".contains("16")
    }
  }

  @Test("truncate keeps the head and counts the rest")
  func truncate() throws {
    let plan = try WindowPlan(textTokens: 25, fixedTokens: 6, limit: 16, policy: .truncate)
    #expect(plan.ranges == [0..<10])
    #expect(plan.truncated == 15)
  }

  @Test("windows cover every token, share the overlap, and all have the full length")
  func windows() throws {
    for room in 1...12 {
      for overlap in [0, 1, 3, 5, 100] {
        for tokens in [room + 1, 2 * room, 2 * room + 1, 57] where tokens > room {
          let plan = try WindowPlan(
            textTokens: tokens, fixedTokens: 4, limit: 4 + room, policy: .window(overlap: overlap))
          #expect(plan.truncated == 0)
          #expect(plan.ranges.allSatisfy { $0.count == room })
          #expect(plan.ranges.first?.lowerBound == 0)
          #expect(plan.ranges.last?.upperBound == tokens)
          for (one, next) in zip(plan.ranges, plan.ranges.dropFirst()) {
            #expect(one.lowerBound < next.lowerBound)
            #expect(one.upperBound - next.lowerBound >= min(overlap, room / 2))
          }
        }
      }
    }
  }

  @Test("labels that leave no room are an error under every policy")
  func noRoom() {
    for policy in [LongTextPolicy.error, .truncate, .window(overlap: 3)] {
      for fixed in [16, 40] {
        #expect {
          try WindowPlan(textTokens: 3, fixedTokens: fixed, limit: 16, policy: policy)
        } throws: { error in
          guard case .noRoomForText(fixed, 16)? = error as? GLiClassError else { return false }
          return true
        }
      }
    }
    #expect(throws: GLiClassError.self) {
      try WindowPlan(textTokens: 0, fixedTokens: 17, limit: 16, policy: .window(overlap: 0))
    }
  }
}
