internal import Kernels

/// The rotary tables of global and local layers. They grow by doubling, up to the context: a short text
/// does not pay for 8,192 positions.
struct ModernBERTRotary: Sendable {
  private let config: ModernBERTConfig
  private let stride: Int?
  private var global: RotaryTable
  private var local: RotaryTable

  private static let fewestPositions = 256

  /// - Parameter stride: floats from one position to the next; nil: half the head dimension.
  init(_ config: ModernBERTConfig, stride: Int? = nil) {
    self.config = config
    self.stride = stride
    global = Self.table(config, positions: 0, theta: config.globalTheta, stride)
    local = global
  }

  subscript(kind: ModernBERTConfig.LayerKind) -> RotaryTable { kind == .global ? global : local }

  /// Makes the tables at least `positions` long, and long enough for whole row tiles.
  mutating func grow(to positions: Int) {
    let tile = TileBatch.tileRows
    guard global.positions < (positions + tile - 1) / tile * tile else { return }
    var count = Self.fewestPositions
    while count < positions { count *= 2 }
    count = min(count, (config.positionLimit + tile - 1) / tile * tile)
    global = Self.table(config, positions: count, theta: config.globalTheta, stride)
    local =
      config.localTheta == config.globalTheta
      ? global : Self.table(config, positions: count, theta: config.localTheta, stride)
  }

  private static func table(
    _ config: ModernBERTConfig, positions: Int, theta: Double, _ stride: Int?
  ) -> RotaryTable {
    RotaryTable(
      positions: positions, headDimension: config.headDimension, theta: theta, stride: stride)
  }
}
