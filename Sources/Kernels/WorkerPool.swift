// A pool of threads that share the tasks of one operation at a time. Between operations the workers
// spin for a moment, then park: a forward pass is a chain of short operations, an idle server is not.

internal import CKernels
import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// Work that a pool's threads share: `run` is called once for every task, on any thread.
///
/// A job is a struct of what the tasks need. The pool calls it through a pointer, so that running one
/// allocates nothing; a closure that captures needs a box.
package protocol PoolJob: Sendable {
  func run(_ task: Int, on worker: PoolWorker)
}

/// The thread that runs a task. No two tasks run at a time with the same worker.
package struct PoolWorker: @unchecked Sendable {
  /// Below the pool's `threadCount`; the caller's is 0.
  package let index: Int
  /// `WorkerPool.scratchByteCount` bytes, aligned to 64. What they hold at first means nothing.
  package let scratch: UnsafeMutableRawPointer

  fileprivate init(index: Int) {
    self.index = index
    scratch = .allocate(byteCount: WorkerPool.scratchByteCount, alignment: 64)
  }
}

extension PoolJob {
  /// Claims tasks one by one until all `count` are taken.
  fileprivate static func claimTasks(
    _ job: UnsafeRawPointer, count: Int, next: borrowing Atomic<Int>, on worker: PoolWorker
  ) {
    let job = job.assumingMemoryBound(to: Self.self)
    while true {
      let index = next.add(1, ordering: .relaxed).oldValue
      guard index < count else { return }
      job.pointee.run(index, on: worker)
    }
  }
}

/// `threadCount` threads, the caller's included. Tasks are claimed one by one, so uneven tasks and
/// uneven cores even out; which thread runs a task never changes its result.
package final class WorkerPool: Sendable {
  package let threadCount: Int
  private let shared: Shared

  /// The most threads a pool accepts: far beyond any use, small enough to start.
  package static let threadLimit = 1024

  /// Scratch memory of one thread: the scores of a block of queries and keys, and some more.
  package static let scratchByteCount = 64 << 10

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

  /// Runs the tasks `0 ..< count` of `job`, each once, and returns when all are done.
  /// Calls from several threads take turns. A task must not call `run` on the same pool.
  package func run<Job: PoolJob>(_ count: Int, _ job: Job) {
    guard count > 0 else { return }
    withUnsafePointer(to: job) { shared.run(count, UnsafeRawPointer($0), Job.self) }
  }

  /// Runs `body(0) ... body(count - 1)`, as a job. The closure is boxed: for work that is done once,
  /// such as loading.
  package func run(_ count: Int, _ body: @Sendable (Int) -> Void) {
    run(count) { task, _ in body(task) }
  }

  /// Runs `body(task, worker)` for every task in `0..<count`, as a job; `worker` is its index.
  package func run(_ count: Int, _ body: @Sendable (_ task: Int, _ worker: Int) -> Void) {
    withoutActuallyEscaping(body) { run(count, ClosureJob(body: $0)) }
  }

  private struct ClosureJob: PoolJob {
    let body: @Sendable (Int, Int) -> Void

    func run(_ task: Int, on worker: PoolWorker) { body(task, worker.index) }
  }
}

extension WorkerPool {
  /// What the workers see. They hold this, not the pool, so that the pool's end stops them.
  private final class Shared: @unchecked Sendable {
    private let turn = Lock()  // one operation at a time
    private let parking = Lock()
    private let generation = Atomic<Int>(0)
    private let nextTask = Atomic<Int>(0)
    private let busyWorkers = Atomic<Int>(0)
    private let parkedWorkers = Atomic<Int>(0)
    private let stopping = Atomic<Bool>(false)
    private var workerCount = 0  // written only before the first run
    private let startedWorkers = Atomic<Int>(0)
    private let caller = PoolWorker(index: 0)
    // The operation in progress: written before `generation` moves on, read after.
    private var taskCount = 0
    private var job: (memory: UnsafeRawPointer, type: any PoolJob.Type)?

    /// Turns of a spin loop before a thread parks or yields: 20 to 200 microseconds, as long as a
    /// processor's pause takes.
    private static let spinLimit = 4096

    deinit { caller.scratch.deallocate() }

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

    func run(_ count: Int, _ memory: UnsafeRawPointer, _ type: any PoolJob.Type) {
      turn.lock()
      defer { turn.unlock() }
      nextTask.store(0, ordering: .relaxed)
      guard workerCount > 0, count > 1 else {
        type.claimTasks(memory, count: count, next: nextTask, on: caller)
        return
      }
      job = (memory, type)
      taskCount = count
      busyWorkers.store(workerCount, ordering: .relaxed)
      generation.add(1, ordering: .sequentiallyConsistent)
      if parkedWorkers.load(ordering: .sequentiallyConsistent) > 0 {
        parking.lock()
        parking.wakeAll()
        parking.unlock()
      }
      type.claimTasks(memory, count: count, next: nextTask, on: caller)
      var spins = 0
      while busyWorkers.load(ordering: .acquiring) > 0 {
        spins += 1
        if spins < Self.spinLimit { gk_spin_pause() } else { sched_yield() }
      }
      job = nil
    }

    private func work() {
      let worker = PoolWorker(index: startedWorkers.add(1, ordering: .relaxed).newValue)
      defer { worker.scratch.deallocate() }
      var seen = 0
      while true {
        seen = waitForGeneration(after: seen)
        if stopping.load(ordering: .acquiring) { return }
        if let job {
          job.type.claimTasks(job.memory, count: taskCount, next: nextTask, on: worker)
        }
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
