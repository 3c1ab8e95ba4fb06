// Cuts or stretches a file, as another process might.

import TestSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

func setLength(_ path: String, _ byteCount: Int) throws {
  guard truncate(path, off_t(byteCount)) == 0 else {
    throw TestFileError(path: path, code: errno)
  }
}
