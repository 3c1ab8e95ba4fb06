// Timing on demand, so that tools/tokenizer/throughput.py can take turns with another tokenizer.

import StrictJSON
import Tokenization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Reads a number and that many texts, then encodes them all, on one thread, for every line that
/// follows, and answers `seconds tokens`. The first answer is the time to load the tokenizer.
func timeCommands(_ path: String) throws {
  guard let count = readLine().flatMap({ Int($0) }) else { fail("no number of texts") }
  let texts = try readTexts(count)
  let clock = ContinuousClock()
  let start = clock.now
  let tokenizer = try Tokenizer(path: path)
  answer("\(seconds(clock.now - start)) 0")
  while readLine() != nil {
    var tokenCount = 0
    let duration = try clock.measure {
      for text in texts { tokenCount += try tokenizer.encode(text).ids.count }
    }
    answer("\(seconds(duration)) \(tokenCount)")
  }
}

private func answer(_ line: String) { writeAll(Array("\(line)\n".utf8), to: STDOUT_FILENO) }

private func seconds(_ duration: Duration) -> Double {
  Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
}
