// Fuzzes StrictJSON: whatever the bytes are, the answer is a typed error, or a value that reads back
// to itself. `tools/fuzz/run json`.

import FuzzSupport
import StrictJSON

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

let status = fuzz { input in
  let bytes = Array(input)
  let limits = JSONLimits(byteCount: 1 << 16, depth: 64, valueCount: 1 << 14)
  let value: JSON
  do throws(JSONError) {
    value = try JSON(parsing: bytes, limits: limits)
  } catch {
    guard 0...bytes.count ~= error.offset, !error.reason.isEmpty else {
      fault("\(error) at \(error.offset) of \(bytes.count) bytes")
    }
    return
  }
  for pretty in [false, true] {
    let text = value.serialized(pretty: pretty)
    // Indentation may take more bytes than the limit of the first reading.
    guard let again = try? JSON(parsing: Array(text.utf8)), again == value else {
      fault("\(text) does not read back")
    }
  }
}
exit(status)
