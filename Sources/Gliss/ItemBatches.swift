// Items of one call on their way through a model that reads a sequence for each: prepared one by one,
// packed into batches under a token budget, and run.

/// Packs prepared items up to a number of tokens. An item's error is its own; a batch's is that of all
/// its items.
struct ItemBatches<Prepared> {
  private let batchTokens: Int

  init(batchTokens: Int) { self.batchTokens = batchTokens }

  /// One outcome per item, in order.
  ///
  /// - Parameters:
  ///   - count: Tokens of a prepared item.
  ///   - run: The model's answer for each.
  ///   - result: What is made of the answer for the item of this index.
  func outcomes<Item, Answer, Value>(
    _ items: [Item], prepare: (Item) throws(GlissError) -> Prepared, count: (Prepared) -> Int,
    run: ([Prepared]) throws(GlissError) -> [Answer],
    result: (Int, Prepared, Answer) throws(GlissError) -> Value
  ) -> [Result<Value, GlissError>] {
    var outcomes: [Result<Value, GlissError>?] = Array(repeating: nil, count: items.count)
    var pending: [(index: Int, prepared: Prepared)] = []
    var tokens = 0
    func fail(_ index: Int, _ error: GlissError) {
      outcomes[index] = .failure(error.about(item: index))
    }
    func flush() {
      do throws(GlissError) {
        for ((index, prepared), answer) in zip(pending, try run(pending.map(\.prepared))) {
          do throws(GlissError) {
            outcomes[index] = .success(try result(index, prepared, answer))
          } catch {
            fail(index, error)
          }
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

extension [Float] {
  /// Refuses a model's answer, to the item of this index, with a number that is not finite.
  func checkFinite(_ index: Int) throws(GlissError) {
    guard let place = firstIndex(where: { !$0.isFinite }) else { return }
    throw GlissError(
      .software, "item \(index): number \(place) of the model's answer is \(self[place])",
      expected: "finite numbers", found: "\(self[place])")
  }
}
