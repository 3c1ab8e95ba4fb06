// The pairs of a long word in the order they merge: by rank, then by place.

/// Keys `rank << 32 | place`, smallest first.
///
/// Most merges make pairs of higher ranks than all that wait, so keys above the sorted run are only
/// collected, and sorted when the run is used up; in a run of one letter they come in order. The
/// others go into a binary heap. Everything is n log n at worst.
struct MergeQueue {
  private var run: [UInt64] = []
  private var cursor = 0
  private var later: [UInt64] = []
  private var heap: [UInt64] = []
  /// Last key of the run; new ones above it wait in `later`.
  private var bound: UInt64 = 0
  /// Keys moved or compared since `removeAll`: what tests bound, in place of seconds.
  private(set) var moves = 0

  mutating func removeAll() {
    run.removeAll(keepingCapacity: true)
    later.removeAll(keepingCapacity: true)
    heap.removeAll(keepingCapacity: true)
    (cursor, bound, moves) = (0, 0, 0)
  }

  @inline(__always)
  mutating func insert(rank: UInt64, place: Int) {
    let key = rank << 32 | UInt64(truncatingIfNeeded: place)
    if run.isEmpty || key > bound { later.append(key) } else { push(key) }
  }

  @inline(__always)
  mutating func popFirst() -> (rank: UInt64, place: Int)? {
    if cursor == run.count, heap.isEmpty { startRun() }
    let key: UInt64
    if let top = heap.first, cursor == run.count || top < run[cursor] {
      key = top
      pop()
    } else if cursor < run.count {
      key = run[cursor]
      cursor += 1
    } else {
      return nil
    }
    return (key >> 32, Int(truncatingIfNeeded: key & 0xFFFF_FFFF))
  }

  /// Everything that waits becomes the run.
  private mutating func startRun() {
    swap(&run, &later)
    later.removeAll(keepingCapacity: true)
    cursor = 0
    let isSorted = zip(run, run.dropFirst()).allSatisfy { $0 <= $1 }
    moves += run.count
    if !isSorted {
      run.sort()
      moves += run.count * (Int.bitWidth - run.count.leadingZeroBitCount)
    }
    bound = run.last ?? 0
  }

  private mutating func push(_ key: UInt64) {
    heap.append(key)
    heap.withUnsafeMutableBufferPointer { heap in
      var index = heap.count - 1
      while index > 0, heap[(index - 1) / 2] > key {
        heap[index] = heap[(index - 1) / 2]
        index = (index - 1) / 2
        moves += 1
      }
      heap[index] = key
    }
  }

  private mutating func pop() {
    guard let last = heap.popLast(), !heap.isEmpty else { return }
    heap.withUnsafeMutableBufferPointer { heap in
      var index = 0
      while 2 * index + 1 < heap.count {
        var child = 2 * index + 1
        if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
        if heap[child] >= last { break }
        heap[index] = heap[child]
        index = child
        moves += 1
      }
      heap[index] = last
    }
  }
}
