// How the sequences of a batch lie in row tiles. Every sequence begins on a tile of 16 rows, its keys and
// values on a block of 32, so that what a sequence sees never depends on its neighbours.

internal import CKernels

/// Row tiles, key blocks and query blocks of one batch. Memory grows to the largest batch, then stays.
package struct TileBatch: ~Copyable {
  /// At most 32 queries of one sequence.
  package struct QueryBlock: Sendable {
    package let sequence: Int
    package let firstTile: Int
    /// 1 or 2.
    package let tileCount: Int
    /// Position of the first query in its sequence.
    package let firstQuery: Int
    /// Tokens of the sequence.
    package let length: Int
    /// Where the sequence's keys begin, in blocks of 32.
    let firstKeyBlock: Int
  }

  package static let tileRows = 16
  package static let blockRows = 32

  package private(set) var queryBlocks: [QueryBlock] = []
  /// First row of every sequence.
  package private(set) var firstRows: [Int] = []
  package private(set) var tileCount = 0
  private(set) var keyBlockCount = 0
  /// Key blocks of which the sequence fills only the first half.
  private(set) var halfKeyBlocks: [Int] = []
  /// Per tile: where its keys go, the position of its first row, its tokens.
  private var tables = AlignedBytes(count: 0)
  private var tableStride = 0

  package init() {}

  package var rowCount: Int { tileCount * Self.tileRows }

  /// Lays out sequences of these lengths.
  ///
  /// - Parameter offsets: First token of every sequence, then the token count.
  package mutating func lay(_ offsets: [Int]) {
    queryBlocks.removeAll(keepingCapacity: true)
    firstRows.removeAll(keepingCapacity: true)
    halfKeyBlocks.removeAll(keepingCapacity: true)
    (tileCount, keyBlockCount) = (0, 0)
    tableStride = 0
    for sequence in 0..<offsets.count - 1 {
      tableStride += Self.tiles(offsets[sequence + 1] - offsets[sequence])
    }
    if tables.count < 12 * tableStride { tables = AlignedBytes(count: 12 * tableStride) }
    for sequence in 0..<offsets.count - 1 {
      append(sequence, length: offsets[sequence + 1] - offsets[sequence])
    }
  }

  private static func tiles(_ length: Int) -> Int { (length + tileRows - 1) / tileRows }

  fileprivate var keyTiles: UnsafeMutablePointer<UInt32> {
    tables.base.assumingMemoryBound(to: UInt32.self)
  }
  fileprivate var positions: UnsafeMutablePointer<UInt32> { keyTiles + tableStride }
  fileprivate var liveRows: UnsafeMutablePointer<UInt32> { keyTiles + 2 * tableStride }

  private mutating func append(_ sequence: Int, length: Int) {
    firstRows.append(rowCount)
    let tiles = Self.tiles(length)
    for tile in 0..<tiles {
      if tile.isMultiple(of: 2) {
        queryBlocks.append(
          QueryBlock(
            sequence: sequence, firstTile: tileCount + tile, tileCount: min(2, tiles - tile),
            firstQuery: tile * 16, length: length, firstKeyBlock: keyBlockCount))
      }
      keyTiles[tileCount + tile] = UInt32(keyBlockCount * 2 + tile)
      positions[tileCount + tile] = UInt32(tile * 16)
      liveRows[tileCount + tile] = UInt32(min(16, length - tile * 16))
    }
    tileCount += tiles
    keyBlockCount += (tiles + 1) / 2
    if !tiles.isMultiple(of: 2) { halfKeyBlocks.append(keyBlockCount - 1) }
  }
}

/// Queries, keys and values of one layer, as the tile kernels lay them out. Refers to the memory, the
/// batch and the rotary table it was made from, which its user keeps.
package struct TileHeads: @unchecked Sendable {
  let table: gk_tile_heads
}

/// Memory for the queries, keys and values of one layer.
package struct TileHeadMemory: ~Copyable {
  private let headCount: Int
  private let width: Int
  private var q = AlignedBytes(count: 0)
  private var k = AlignedBytes(count: 0)
  private var v = AlignedBytes(count: 0)

  package init(headCount: Int, dimension: Int) {
    self.headCount = headCount
    width = TileMatrix.headWidth(dimension: dimension)
  }

  /// Makes room for a batch, and clears the halves of key blocks that no token fills.
  package mutating func prepare(_ batch: borrowing TileBatch) {
    // One tile more: the second half of a query block may be read behind the last row.
    Self.grow(&q, headCount * (batch.rowCount + 16) * width * 2)
    Self.grow(&k, headCount * batch.keyBlockCount * 32 * width * 2)
    Self.grow(&v, headCount * batch.keyBlockCount * 32 * width * 2)
    for block in batch.halfKeyBlocks {
      for head in 0..<headCount {
        let keys = k.base + (head * batch.keyBlockCount + block) * 64 * width
        keys.initializeMemory(as: UInt8.self, repeating: 0, count: 64 * width)
        for column in 0..<width / 16 {
          let values =
            v.base + ((head * width / 16 + column) * batch.keyBlockCount + block) * 1024
          values.initializeMemory(as: UInt8.self, repeating: 0, count: 1024)
        }
      }
    }
  }

  /// The layout of `batch` in this memory.
  ///
  /// - Parameters:
  ///   - rotary: nil: queries and keys are not rotated.
  ///   - scale: of the scores, 1 / sqrt(dimension).
  package func heads(
    _ batch: borrowing TileBatch, rotary: RotaryTable?, scale: Float
  ) -> TileHeads {
    TileHeads(
      table: gk_tile_heads(
        q: q.base.assumingMemoryBound(to: gk_bf16.self),
        k: k.base.assumingMemoryBound(to: gk_bf16.self),
        v: v.base.assumingMemoryBound(to: gk_bf16.self),
        q_head_stride: (batch.rowCount + 16) * width,
        k_head_stride: batch.keyBlockCount * 32 * width,
        v_head_stride: batch.keyBlockCount * 32 * width,
        v_column_stride: batch.keyBlockCount * 512, head_count: headCount, width: width,
        key_tiles: batch.keyTiles, positions: batch.positions, live_rows: batch.liveRows,
        cosines: rotary?.cosine(0), sines: rotary?.sine(0),
        // Scores count in steps of 1/128 of a power of two.
        q_scale: scale * 1.442695041 * 128))
  }

  private static func grow(_ bytes: inout AlignedBytes, _ count: Int) {
    if bytes.count < count { bytes = AlignedBytes(count: count) }
  }
}
