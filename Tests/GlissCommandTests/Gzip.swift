// Packs bytes for tests of what unpacks them.

import CZlib

/// One gzip member (RFC 1952) of `bytes`, as zlib makes it.
func gzip(_ bytes: [UInt8]) -> [UInt8] {
  gzip(repeating: bytes, count: 1)
}

/// One member of `bytes` again and again, without all of it in memory.
func gzip(repeating bytes: [UInt8], count: Int) -> [UInt8] {
  let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  stream.initialize(to: z_stream())
  defer { stream.deallocate() }
  guard
    deflateInit2_(
      stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size)) == Z_OK
  else { return [] }
  defer { deflateEnd(stream) }
  var source = bytes
  var packed: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  for round in 1...max(1, count) {
    let flush = round == max(1, count) ? Z_FINISH : Z_NO_FLUSH
    source.withUnsafeMutableBufferPointer { input in
      stream.pointee.next_in = input.baseAddress
      stream.pointee.avail_in = UInt32(input.count)
      repeat {
        let made = chunk.withUnsafeMutableBufferPointer { output in
          stream.pointee.next_out = output.baseAddress
          stream.pointee.avail_out = UInt32(output.count)
          _ = deflate(stream, flush)
          return output.count - Int(stream.pointee.avail_out)
        }
        packed += chunk[..<made]
      } while stream.pointee.avail_out == 0
    }
  }
  return packed
}
