// A file's bytes, all of them or none.

import StrictJSON

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Reads a regular file of at most the JSON limit's length.
func readTokenizerFile(_ path: String) throws(TokenizerError) -> [UInt8] {
  func failure(_ code: Int32) -> TokenizerError {
    .unreadable(file: path, reason: String(cString: strerror(code)))
  }
  // Without O_NONBLOCK a named pipe would block here for ever.
  let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard file >= 0 else { throw failure(errno) }
  defer { close(file) }
  var status = stat()
  guard fstat(file, &status) == 0 else { throw failure(errno) }
  guard status.st_mode & S_IFMT == S_IFREG else {
    throw .unreadable(file: path, reason: "it is not a regular file")
  }
  let limit = JSONLimits().byteCount
  guard status.st_size <= limit else {
    throw .unreadable(file: path, reason: "it has \(status.st_size) bytes, the limit is \(limit)")
  }
  let expected = Int(status.st_size)
  var code: Int32 = 0
  let bytes = [UInt8](unsafeUninitializedCapacity: expected) { buffer, count in
    while count < expected, let start = buffer.baseAddress {
      let read = read(file, start + count, expected - count)
      if read < 0, errno == EINTR { continue }
      if read < 0 { code = errno }
      if read <= 0 { break }
      count += read
    }
  }
  guard code == 0 else { throw failure(code) }
  return bytes
}
