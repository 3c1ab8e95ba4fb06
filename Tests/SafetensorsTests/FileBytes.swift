// Safetensors files built by hand, so that they can be wrong.

import TestSupport

import Safetensors

/// The bytes of a file with this header text and this data.
func fileBytes(_ header: String, data: [UInt8] = []) -> [UInt8] {
  lengthBytes(UInt64(header.utf8.count)) + Array(header.utf8) + data
}

func lengthBytes(_ length: UInt64) -> [UInt8] {
  withUnsafeBytes(of: length.littleEndian) { Array($0) }
}

func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

/// Opens `bytes` as a file and hands back the error, or nil when the file is valid.
func errorOpening(_ bytes: [UInt8], in folder: TemporaryFolder) throws -> SafetensorsError? {
  let path = try folder.write("model.safetensors", bytes)
  do {
    _ = try SafetensorsFile(path)
    return nil
  } catch {
    return error
  }
}
