// Fuzzes tokenizer.json and text: whatever both are, the answer is a typed error or an encoding that
// keeps its promises. `tools/fuzz/run tokenizer`.
//
// An input is a tokenizer.json, a zero byte, and a text; or one byte from 0x80 up, with which no JSON
// begins, for the golden tokenizer of that number, and a text.

import FuzzSupport
import Tokenization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What has to hold of an encoding of `text`.
private func check(_ tokenizer: Tokenizer, _ text: String) {
  let count = Int32(text.unicodeScalars.count)
  for mode in [ControlTokensInText.literal, .matched] {
    let encoding: Encoding
    do {
      encoding = try tokenizer.encode(text, specialTokens: false, controlTokensInText: mode)
    } catch {
      guard case .patternStopped = error else { fault("\(error)") }
      continue
    }
    guard encoding.ids.count == encoding.offsets.count else { fault("ids without offsets") }
    for (id, offset) in zip(encoding.ids, encoding.offsets) {
      guard 0...count ~= offset.lowerBound, 0...count ~= offset.upperBound else {
        fault("\(id) is at \(offset) of \(count) scalars")
      }
    }
    for id in Set(encoding.ids) {
      guard tokenizer.token(id) != nil else { fault("\(id) is no token") }
      guard
        mode == .matched || !tokenizer.controlTokenIDs.contains(id)
          || tokenizer.unknownTokenID == id
      else { fault("the control token \(id) came out of text") }
    }
    guard encoding.segmentStarts == [0, encoding.ids.count] || encoding.ids.isEmpty else {
      fault("segments \(encoding.segmentStarts)")
    }
  }
}

/// The tokenizers of Tests/Goldens/tokenization by name.
private let goldens: [Tokenizer] = {
  let here = #filePath.split(separator: "/", omittingEmptySubsequences: false)
  let folder = here.dropLast(3).joined(separator: "/") + "/Tests/Goldens/tokenization"
  guard let entries = opendir(folder) else { fault("\(folder) is not there") }
  defer { closedir(entries) }
  var names: [String] = []
  while let entry = readdir(entries) {
    let name = withUnsafeBytes(of: entry.pointee.d_name) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    if name.hasSuffix(".tokenizer.json") { names.append(name) }
  }
  return names.sorted().prefix(128).map { name in
    do { return try Tokenizer(path: "\(folder)/\(name)") } catch { fault("\(error)") }
  }
}()

let status = fuzz { input in
  if let first = input.first, first >= 0x80 {
    let text = String(decoding: input.dropFirst(), as: UTF8.self)
    check(goldens[Int(first - 0x80) % goldens.count], text)
    return
  }
  let end = input.firstIndex(of: 0) ?? input.endIndex
  guard
    let tokenizer = try? Tokenizer(parsing: Array(input[..<end]), file: "tokenizer.json")
  else { return }
  check(tokenizer, String(decoding: input[end...].dropFirst(), as: UTF8.self))
}
exit(status)
