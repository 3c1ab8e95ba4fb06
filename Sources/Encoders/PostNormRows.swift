internal import Kernels

/// The rows that a pass of a post-norm encoder writes. Grown to the largest batch seen, then reused: a
/// pass of a size seen before allocates none of them.
struct PostNormRows: ~Copyable {
  private let hidden: Int
  private let intermediate: Int
  private let embedding: Int
  private var residual = AlignedFloats(count: 0)
  private var narrow = AlignedFloats(count: 0)
  private var broad = AlignedFloats(count: 0)
  private(set) var keyValues = AlignedFloats(count: 0)
  /// Rows on their way into an int8 product.
  let quantized = QuantizedRows()

  /// - Parameter embedding: width of the token table.
  init(hidden: Int, intermediate: Int, embedding: Int) {
    self.hidden = hidden
    self.intermediate = intermediate
    self.embedding = embedding
  }

  /// Makes room for the rows of a batch, and for its packed keys and values.
  mutating func prepare(tokens: Int, keyValueCount: Int) {
    Self.grow(&residual, to: tokens * hidden)
    Self.grow(&narrow, to: tokens * hidden)
    Self.grow(&broad, to: tokens * max(3 * hidden, intermediate, embedding))
    Self.grow(&keyValues, to: keyValueCount)
  }

  /// x: the residual stream, `[tokens, hidden]`.
  func x(_ tokens: Int) -> FloatRows { FloatRows(residual, count: tokens, columns: hidden) }
  /// The attention's context: `[tokens, hidden]`.
  func context(_ tokens: Int) -> FloatRows { FloatRows(narrow, count: tokens, columns: hidden) }
  /// `[tokens, 3 * hidden]`; shares its memory with `wide` and `embedded`.
  func qkv(_ tokens: Int) -> FloatRows { FloatRows(broad, count: tokens, columns: 3 * hidden) }
  /// One of q, k and v: `[tokens, hidden]`, in the columns of `qkv`.
  func part(_ index: Int, _ tokens: Int) -> FloatRows {
    FloatRows(
      broad, offset: index * hidden, count: tokens, columns: hidden, stride: 3 * hidden)
  }
  /// `[tokens, intermediate]`.
  func wide(_ tokens: Int) -> FloatRows {
    FloatRows(broad, count: tokens, columns: intermediate)
  }
  /// Tokens before a projection: `[tokens, embedding]`.
  func embedded(_ tokens: Int) -> FloatRows {
    FloatRows(broad, count: tokens, columns: embedding)
  }

  static func grow(_ floats: inout AlignedFloats, to count: Int) {
    if floats.count < count { floats = AlignedFloats(count: count) }
  }
}
