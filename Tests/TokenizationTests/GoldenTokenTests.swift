// Ids of the goldens' concatenated strings, as transformers gave them with each tiny tokenizer.json.

import TestSupport
import Testing
import Tokenization

@Test("the goldens' strings have upstream's ids", arguments: try Golden.all())
func goldenIDs(golden: Golden) throws {
  let tokenizer = try Tokenizer(path: golden.model + "/tokenizer.json")
  for row in golden.rows {
    let encoding = try tokenizer.encode(
      [.text(row.string)], specialTokens: true, controlTokensInText: .matched)
    #expect(encoding.ids == row.ids, "\(golden), \(row.name)")
  }
}
