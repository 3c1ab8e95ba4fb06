// Fuzzes safetensors files: whatever the bytes are, the answer is a typed error, or tensors that lie
// inside the file and can be read. `tools/fuzz/run safetensors`.

import FuzzSupport
import Safetensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The input as a file: in memory where the system has such a folder.
private let path = {
  let folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
  return "\(folder)/gliss-fuzz-\(getpid()).safetensors"
}()

private func write(_ input: UnsafeBufferPointer<UInt8>) {
  guard let file = fopen(path, "wb") else { fault("\(path) cannot be written") }
  fwrite(input.baseAddress, 1, input.count, file)
  fclose(file)
}

private func check(_ file: SafetensorsFile, byteCount: Int) throws(SafetensorsError) {
  for tensor in file.tensors {
    guard tensor.byteRange.upperBound <= byteCount,
      tensor.byteRange.count * 8 == tensor.elementCount * tensor.elementType.bitCount
    else { fault("\(tensor) in \(byteCount) bytes") }
    guard try file.bytes(of: tensor).count == tensor.byteRange.count else {
      fault("\(tensor) was not read")
    }
    guard tensor.elementType.convertsToFloat, tensor.elementCount > 0 else { continue }
    var floats = [Float](repeating: 0, count: tensor.elementCount)
    do {
      try floats.withUnsafeMutableBufferPointer { (buffer) throws(SafetensorsError) in
        try file.readFloats(of: tensor, elements: 0..<buffer.count, into: buffer)
      }
    } catch {
      guard case .notFinite = error else { throw error }
      continue
    }
    guard floats.allSatisfy(\.isFinite) else { fault("\(tensor) has a value that is not finite") }
  }
}

let status = fuzz { input in
  write(input)
  do throws(SafetensorsError) {
    try check(SafetensorsFile(path), byteCount: input.count)
  } catch {
    guard !"\(error)".isEmpty else { fault("an error without a sentence") }
  }
}
unlink(path)
exit(status)
