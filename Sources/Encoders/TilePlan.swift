// How a batch is cut for a pass on tiles.

internal import Kernels

/// Whether workers share rows or columns, and how many rows a block has.
struct TilePlan {
  let isNarrow: Bool
  /// Whether a layer's weights are read from afar.
  let streams: Bool
  /// Most rows a worker's scratch holds.
  let blockRows: Int

  /// - Parameters:
  ///   - rows: of all row tiles.
  ///   - layerBytes: the weights of one layer.
  init(rows: Int, threads: Int, layerBytes: Int) {
    streams = layerBytes > Self.residentBytes
    // No rows are no blocks: nothing runs.
    isNarrow =
      threads > 1 && (1..<threads * (streams ? Self.streamingRows : Self.residentRows)) ~= rows
    // As many blocks for every worker, none larger than what its cache holds beside the weights.
    let widest = threads * Self.widestBlock
    let blocks = threads * max(1, (rows + widest - 1) / widest)
    blockRows = isNarrow ? rows : max(32, ((rows + blocks - 1) / blocks + 31) / 32 * 32)
  }

  /// Layers up to this size stay in the caches of all workers.
  private static let residentBytes = 4 << 20
  /// Rows a worker needs before it pays to read a layer on its own, of that size and of a larger one.
  private static let residentRows = 48
  private static let streamingRows = 96
  private static let widestBlock = 256
}

/// A block of rows: neighbouring query blocks.
struct TileRowBlock: Sendable {
  private(set) var queries: Range<Int>
  private(set) var tiles: Range<Int>

  var rowCount: Int { tiles.count * TileBatch.tileRows }
}

extension [TileRowBlock] {
  /// Adds the query block at `index`, to the last block if it is its neighbour and has room for it.
  mutating func append(_ block: TileBatch.QueryBlock, at index: Int, mostRows: Int) {
    let end = block.firstTile + block.tileCount
    if let last, last.queries.upperBound == index,
      (end - last.tiles.lowerBound) * TileBatch.tileRows <= mostRows
    {
      self[count - 1] = TileRowBlock(
        queries: last.queries.lowerBound..<index + 1, tiles: last.tiles.lowerBound..<end)
    } else {
      append(TileRowBlock(queries: index..<index + 1, tiles: block.firstTile..<end))
    }
  }
}
