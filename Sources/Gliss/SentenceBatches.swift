// Items of one call on their way through a sentence model: prepared one by one, packed into batches
// under a token budget, and run.

/// Packs prepared items up to a number of tokens. An item's error is its own; a batch's is that of all
/// its items.
struct SentenceBatches<Prepared> {
  private let batchTokens: Int

  init(batchTokens: Int) { self.batchTokens = batchTokens }

  /// One outcome per item, in order.
  ///
  /// - Parameters:
  ///   - count: Tokens of a prepared item.
  ///   - run: A row of finite numbers for each; others are refused.
  func outcomes<Item, Value>(
    _ items: [Item], prepare: (Item) throws(GlissError) -> Prepared, count: (Prepared) -> Int,
    run: ([Prepared]) throws(GlissError) -> [[Float]], result: (Prepared, [Float]) -> Value
  ) -> [Result<Value, GlissError>] {
    var outcomes: [Result<Value, GlissError>?] = Array(repeating: nil, count: items.count)
    var pending: [(index: Int, prepared: Prepared)] = []
    var tokens = 0
    func fail(_ index: Int, _ error: GlissError) {
      var error = error
      error.item = index
      outcomes[index] = .failure(error)
    }
    func flush() {
      do throws(GlissError) {
        let rows = try run(pending.map(\.prepared))
        for ((index, prepared), row) in zip(pending, rows) {
          guard let place = row.firstIndex(where: { !$0.isFinite }) else {
            outcomes[index] = .success(result(prepared, row))
            continue
          }
          fail(
            index,
            GlissError(
              .software, "item \(index): number \(place) of the model's answer is \(row[place])",
              expected: "finite numbers", found: "\(row[place])"))
        }
      } catch {
        for (index, _) in pending { fail(index, error) }
      }
      pending.removeAll(keepingCapacity: true)
      tokens = 0
    }
    for (index, item) in items.enumerated() {
      do throws(GlissError) {
        let prepared = try prepare(item)
        let added = count(prepared)
        if tokens + added > batchTokens, !pending.isEmpty { flush() }
        pending.append((index, prepared))
        tokens += added
      } catch {
        fail(index, error)
      }
    }
    if !pending.isEmpty { flush() }
    return outcomes.enumerated().map { index, outcome in
      outcome ?? .failure(GlissError(.software, "item \(index) was not run", item: index))
    }
  }
}
