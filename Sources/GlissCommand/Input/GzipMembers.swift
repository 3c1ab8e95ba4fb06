// Unpacks gzip. Format: RFC 1952; zlib does the arithmetic, the checks of length and CRC included.

import CZlib

/// A stream of gzip members, one behind the other, in whatever pieces it comes. Between pieces a
/// window of 32 KiB is held, whatever the stream unpacks to.
final class GzipMembers {
  /// What is wrong with the stream, as the end of a sentence about the file.
  struct Fault: Error {
    let message: String

    init(_ message: String) {
      self.message = message
    }
  }

  /// Bytes that a member's magic begins with.
  static let magic: [UInt8] = [0x1F, 0x8B]
  /// A stream may grow to this whatever it was packed from.
  static let freeByteCount = 256 << 20
  /// Beyond that it may not be longer than so many times its packed bytes: texts and logs pack 3 to 30
  /// times, and what packs 1,000 times was made to fill memories and disks.
  static let expansionLimit = 250

  /// On the heap, because zlib keeps its address.
  private let stream: UnsafeMutablePointer<z_stream>
  private let freeByteCount: Int
  /// Packed bytes that have come and are not unpacked yet.
  private var packed: [UInt8] = []
  private var position = 0
  private var isInMember = true
  /// Found behind bytes that could be unpacked, which go first.
  private var fault: Fault?
  /// Packed and unpacked bytes so far.
  private var packedByteCount = 0
  private var byteCount = 0

  init(freeByteCount: Int = GzipMembers.freeByteCount) throws(Fault) {
    self.freeByteCount = freeByteCount
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 15: the largest window. 16: gzip, and nothing else.
    let code = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else { throw Fault("zlib could not start (\(code))") }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Whether there is something for `unpack` to do.
  var hasInput: Bool { position < packed.count || fault != nil }

  /// Takes packed bytes, which replace those that are used up.
  func take(_ bytes: [UInt8]) {
    packed = position < packed.count ? Array(packed[position...]) + bytes : bytes
    position = 0
  }

  /// Appends at most `limit` unpacked bytes to `buffer`.
  func unpack(into buffer: inout [UInt8], limit: Int) throws(Fault) {
    if let fault { throw fault }
    if !isInMember, try !beginMember() { return }
    guard hasInput else { return }
    let held = buffer.count
    buffer.append(contentsOf: repeatElement(0, count: limit))
    let available = packed.count - position
    let code = packed.withUnsafeMutableBufferPointer { input in
      buffer.withUnsafeMutableBufferPointer { output in
        stream.pointee.next_in = input.baseAddress.map { $0 + position }
        stream.pointee.avail_in = UInt32(available)
        stream.pointee.next_out = output.baseAddress.map { $0 + held }
        stream.pointee.avail_out = UInt32(limit)
        return inflate(stream, Z_NO_FLUSH)
      }
    }
    let used = available - Int(stream.pointee.avail_in)
    let made = limit - Int(stream.pointee.avail_out)
    position += used
    packedByteCount += used
    byteCount += made
    buffer.removeLast(limit - made)
    if code == Z_STREAM_END { isInMember = false }
    guard let fault = fault(code) else { return }
    if made == 0 { throw fault }
    self.fault = fault
  }

  /// What zlib's answer or the size of the stream say against it.
  private func fault(_ code: Int32) -> Fault? {
    guard code == Z_OK || code == Z_BUF_ERROR || code == Z_STREAM_END else {
      let reason = stream.pointee.msg.map { String(cString: $0) } ?? "error \(code)"
      return Fault("the gzip data is damaged near byte \(packedByteCount): \(reason)")
    }
    guard byteCount > freeByteCount, byteCount / Self.expansionLimit > packedByteCount else {
      return nil
    }
    return Fault(
      "\(packedByteCount) bytes of gzip unpack to more than \(byteCount), over "
        + "\(Self.expansionLimit) times as many, which looks like a trap; if it is none, unpack it "
        + "yourself: gzip -dc FILE | gliss ...")
  }

  /// Skips zeros, with which tapes are filled up; false without a byte of another member.
  private func beginMember() throws(Fault) -> Bool {
    while position < packed.count, packed[position] == 0 {
      position += 1
      packedByteCount += 1
    }
    guard hasInput else { return false }
    guard packed[position] == Self.magic[0] else {
      throw Fault("behind the gzip data, at byte \(packedByteCount + 1), is something else")
    }
    inflateReset(stream)
    isInMember = true
    return true
  }

  /// Says that no more bytes come.
  func end() throws(Fault) {
    guard !isInMember else {
      throw Fault("the gzip data ends early, after byte \(packedByteCount)")
    }
  }
}
