// A pool of threads that share the tasks of one operation at a time. Between operations the workers
// spin for a moment, then park: a forward pass is a chain of short operations, an idle server is not.

internal import CKernels
import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// `threadCount` threads, the caller's included. Tasks are claimed one by one, so uneven tasks and
/// uneven cores even out; which thread runs a task never changes its result.
package final class WorkerPool: Sendable {
  package let threadCount: Int
  private let shared: Shared

  /// The most threads a pool accepts: far beyond any use, small enough to start.
  package static let threadLimit = 1024

  /// The number of processors this process may use: `taskset` and container limits count.
  package static var processorCount: Int { max(1, Int(gk_processor_count())) }

  /// Starts `threadCount - 1` workers. Defaults to the processors of the machine.
  package init(threadCount: Int? = nil) throws(KernelError) {
    let count = threadCount ?? min(Self.processorCount, Self.threadLimit)
    guard (1...Self.threadLimit).contains(count) else {
      throw .threadCount(found: count, limit: Self.threadLimit)
    }
    let shared = Shared()
    var started = 1
    for _ in 1..<count where shared.startWorker() { started += 1 }
    self.threadCount = started
    self.shared = shared
  }

  deinit { shared.stop() }

  /// Runs `body(0) ... body(count - 1)`, each once, and returns when all are done.
  /// Calls from several threads take turns. `body` must not call `run` on the same pool.
  package func run(_ count: Int, _ body: @Sendable (Int) -> Void) {
    run(count) { task, _ in body(task) }
  }

  /// Runs `body(task, worker)` for every task in `0..<count`. No two tasks run at a time with the
  /// same `worker`, which is below `threadCount`: an index of scratch memory.
  package func run(_ count: Int, _ body: @Sendable (_ task: Int, _ worker: Int) -> Void) {
    guard threadCount > 1, count > 1 else {
      for index in 0..<count { body(index, 0) }
      return
    }
    withoutActuallyEscaping(body) { body in
      shared.run(count, body)
    }
  }
}

extension WorkerPool {
  /// What the workers see. They hold this, not the pool, so that the pool's end stops them.
  private final class Shared: @unchecked Sendable {
    private let turn = Lock()  // one operation at a time
    private let parking = Lock()
    private let generation = Atomic<Int>(0)
    private let nextTask = Atomic<Int>(0)
    private let startedWorkers = Atomic<Int>(0)
    private let busyWorkers = Atomic<Int>(0)
    private let parkedWorkers = Atomic<Int>(0)
    private let stopping = Atomic<Bool>(false)
    private var workerCount = 0  // written only before the first run
    // The operation in progress: written before `generation` moves on, read after.
    private var taskCount = 0
    private var body: (@Sendable (Int, Int) -> Void)?

    /// Turns of a spin loop before a thread parks or yields: some tens of microseconds.
    private static let spinLimit = 4096

    func startWorker() -> Bool {
      var thread = pthread_t()
      let context = Unmanaged.passRetained(self)
      let status = pthread_create(
        &thread, nil,
        { context in
          guard let context else { return nil }
          Unmanaged<Shared>.fromOpaque(context).takeRetainedValue().work()
          return nil
        }, context.toOpaque())
      guard status == 0 else {
        context.release()
        return false
      }
      pthread_detach(thread)
      workerCount += 1
      return true
    }

    func stop() {
      stopping.store(true, ordering: .releasing)
      generation.add(1, ordering: .releasing)
      parking.lock()
      parking.wakeAll()
      parking.unlock()
    }

    func run(_ count: Int, _ body: @escaping @Sendable (Int, Int) -> Void) {
      turn.lock()
      defer { turn.unlock() }
      self.body = body
      taskCount = count
      nextTask.store(0, ordering: .relaxed)
      busyWorkers.store(workerCount, ordering: .relaxed)
      generation.add(1, ordering: .sequentiallyConsistent)
      if parkedWorkers.load(ordering: .sequentiallyConsistent) > 0 {
        parking.lock()
        parking.wakeAll()
        parking.unlock()
      }
      claimTasks(count, worker: 0, body)
      var spins = 0
      while busyWorkers.load(ordering: .acquiring) > 0 {
        spins += 1
        if spins < Self.spinLimit { gk_spin_pause() } else { sched_yield() }
      }
      self.body = nil
    }

    private func claimTasks(
      _ count: Int, worker: Int, _ body: @Sendable (Int, Int) -> Void
    ) {
      while true {
        let index = nextTask.add(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        body(index, worker)
      }
    }

    private func work() {
      let worker = startedWorkers.add(1, ordering: .relaxed).newValue
      var seen = 0
      while true {
        seen = waitForGeneration(after: seen)
        if stopping.load(ordering: .acquiring) { return }
        if let body { claimTasks(taskCount, worker: worker, body) }
        busyWorkers.subtract(1, ordering: .releasing)
      }
    }

    private func waitForGeneration(after seen: Int) -> Int {
      for _ in 0..<Self.spinLimit {
        let now = generation.load(ordering: .acquiring)
        if now != seen { return now }
        gk_spin_pause()
      }
      parking.lock()
      defer { parking.unlock() }
      parkedWorkers.add(1, ordering: .sequentiallyConsistent)
      defer { parkedWorkers.subtract(1, ordering: .sequentiallyConsistent) }
      while true {
        let now = generation.load(ordering: .sequentiallyConsistent)
        if now != seen { return now }
        parking.wait()
      }
    }
  }

  /// A mutex with its condition variable, at a fixed address.
  private final class Lock: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
      mutex.initialize(to: pthread_mutex_t())
      condition.initialize(to: pthread_cond_t())
      pthread_mutex_init(mutex, nil)
      pthread_cond_init(condition, nil)
    }

    deinit {
      pthread_cond_destroy(condition)
      pthread_mutex_destroy(mutex)
      condition.deallocate()
      mutex.deallocate()
    }

    func lock() { pthread_mutex_lock(mutex) }
    func unlock() { pthread_mutex_unlock(mutex) }
    func wait() { pthread_cond_wait(condition, mutex) }
    func wakeAll() { pthread_cond_broadcast(condition) }
  }
}
