import Benchmarking
import Testing

@Suite("Timings")
struct TimingTests {
  @Test("median, best, spread and quantiles are those of the sorted samples")
  func statistics() {
    let timing = Timing([5, 1, 4, 2, 3])
    #expect(timing.samples == [1, 2, 3, 4, 5])
    #expect(timing.best == 1)
    #expect(timing.median == 3)
    #expect(timing.spread == 3)
    #expect(timing.total == 15)
    #expect(timing.quantile(0) == 1)
    #expect(timing.quantile(0.95) == 5)
    #expect(timing.quantile(1) == 5)
    #expect(Timing([7]).quantile(0.5) == 7)
  }

  @Test("the clock goes forwards, and a body's value comes back")
  func clock() {
    let start = Timing.now()
    let (value, milliseconds) = Timing.of { (0..<1000).reduce(0, +) }
    #expect(value == 499_500)
    #expect(milliseconds >= 0 && Timing.now() >= start)
  }
}
