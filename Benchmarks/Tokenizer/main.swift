// Tokenizer throughput, and the Swift side of tools/tokenizer/parity.py and throughput.py.
//
//   TokenizerBenchmark encode TOKENIZER [--matched] < texts.jsonl    one result per line
//   TokenizerBenchmark time TOKENIZER < texts.jsonl                  see Timing.swift

import Tokenization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

func fail(_ message: String) -> Never {
  writeAll(Array("TokenizerBenchmark: \(message)\n".utf8), to: STDERR_FILENO)
  exit(64)
}

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 2, ["encode", "time"].contains(arguments[0]) else {
  fail("usage: encode TOKENIZER [--matched] | time TOKENIZER, texts as JSON lines on stdin")
}
do {
  if arguments[0] == "encode" {
    let tokenizer = try Tokenizer(path: arguments[1])
    try encodeLines(tokenizer, arguments.contains("--matched") ? .matched : .literal)
  } else {
    try timeCommands(arguments[1])
  }
} catch {
  fail("\(error)")
}
