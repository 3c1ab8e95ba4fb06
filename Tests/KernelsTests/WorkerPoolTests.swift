// The worker pool: every task once, calls in turn, no thread count that crashes.

import Kernels
import Synchronization
import Testing

@Suite struct WorkerPoolTests {
  @Test("every task runs exactly once", arguments: [1, 2, 3, 8])
  func everyTaskOnce(_ threads: Int) throws {
    let pool = try WorkerPool(threadCount: threads)
    for count in [0, 1, 2, 7, 1000] {
      let runs = Mutex([Int](repeating: 0, count: count))
      pool.run(count) { index in runs.withLock { $0[index] += 1 } }
      #expect(runs.withLock { $0 } == [Int](repeating: 1, count: count))
    }
  }

  @Test("a worker's index is its own while a task runs", arguments: [1, 2, 3, 8])
  func workerIndices(_ threads: Int) throws {
    let pool = try WorkerPool(threadCount: threads)
    let busy = Mutex([Bool](repeating: false, count: threads))
    let clashes = Atomic<Int>(0)
    pool.run(1000) { _, worker in
      let taken = busy.withLock { busy in
        defer { busy[worker] = true }
        return busy[worker]
      }
      if taken { clashes.add(1, ordering: .relaxed) }
      busy.withLock { $0[worker] = false }
    }
    #expect(clashes.load(ordering: .relaxed) == 0)
  }

  @Test("many short operations, then none, then more")
  func bursts() throws {
    let pool = try WorkerPool(threadCount: 2)
    let total = Atomic<Int>(0)
    for _ in 0..<2000 { pool.run(3) { index in total.add(index, ordering: .relaxed) } }
    #expect(total.load(ordering: .relaxed) == 6000)
  }

  @Test("impossible thread counts are refused", arguments: [0, -1, 1_000_000])
  func refused(_ count: Int) {
    #expect(throws: KernelError.threadCount(found: count, limit: WorkerPool.threadLimit)) {
      _ = try WorkerPool(threadCount: count)
    }
  }

  @Test("unknown kernel sets are refused with the choices")
  func unknownKernels() {
    let choices = KernelSet.available.map(\.name)
    #expect(throws: KernelError.unknownKernelSet(name: "abacus", choices: choices)) {
      _ = try Compute(kernels: "abacus")
    }
  }
}
