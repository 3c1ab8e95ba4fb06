// What hostile inputs may cost: memory stays under 8 times the input and 200 MB.

import TestSupport
import Testing

@Suite("Memory stays bounded", .timeLimit(.minutes(2)))
struct MemoryTests {
  /// A file of up to 40 MB that is no good, as a format and its bytes.
  struct Hostile: CustomTestStringConvertible, Sendable {
    let name: String
    let format: String
    let bytes: @Sendable () -> [UInt8]

    var testDescription: String { name }

    init(_ name: String, _ format: String, _ bytes: @escaping @Sendable () -> [UInt8]) {
      self.name = name
      self.format = format
      self.bytes = bytes
    }
  }

  private static func filled(_ start: String, _ byte: UInt8, _ count: Int) -> [UInt8] {
    Array(start.utf8) + [UInt8](repeating: byte, count: count)
  }

  static let inputs: [Hostile] = [
    Hostile("300 MB of zeros in 300 KB of gzip", "lines") {
      gzip(repeating: [UInt8](repeating: 0, count: 1 << 20), count: 300)
    },
    Hostile("300 MB of open quote in gzip", "csv") {
      gzip(repeating: [UInt8](repeating: UInt8(ascii: "\""), count: 1 << 20), count: 301)
    },
    Hostile("a line of 40 MB", "lines") { filled("", 0x61, 40 << 20) },
    Hostile("a JSON string of 40 MB", "jsonl") { filled("{\"text\":\"", 0x61, 40 << 20) },
    Hostile("15 MB of open brackets", "jsonl") { filled("{\"text\":", 0x5B, 15 << 20) },
    Hostile("15 MB of values", "jsonl") {
      Array("{\"text\":[".utf8) + Array(repeatElement([0x31, 0x2C], count: 7 << 20).joined())
    },
    Hostile("a number of 15 MB", "jsonl") { filled("{\"text\":", 0x39, 15 << 20) },
    Hostile("a quote that is never closed", "csv") { filled("text\n\"", 0x61, 40 << 20) },
    Hostile("15 MB of commas", "csv") { filled("text\n", 0x2C, 15 << 20) },
    Hostile("15 MB of quotes", "csv") { filled("text\n", 0x22, (15 << 20) + 1) },
    Hostile("a header of 15 MB", "csv") { filled("a,", 0x61, 15 << 20) },
    Hostile("15 MB of labels without a name", "fasttext") {
      Array(repeatElement(Array("__label__ ".utf8), count: 3 << 19).joined())
    },
  ]

  /// Rows whose labels no sequence has room for.
  static let labels: [Hostile] = [
    Hostile("a label of 10 MB", "jsonl") {
      Array("{\"text\":\"a\",\"labels\":[\"".utf8)
        + Array(repeatElement(Array("a b ".utf8), count: 2_500_000).joined())
        + Array("\"]}".utf8)
    },
    Hostile("a label that is a word of 10 MB", "jsonl") {
      Array("{\"text\":\"a\",\"labels\":[\"".utf8)
        + Array(repeatElement(Array("abcdefghij".utf8), count: 1_000_000).joined())
        + Array("\"]}".utf8)
    },
    Hostile("a million labels", "jsonl") {
      Array("{\"text\":\"a\",\"labels\":[\"a\"".utf8)
        + (1..<1_000_000).flatMap { Array(",\"label\($0)\"".utf8) } + Array("]}".utf8)
    },
  ]

  /// A tokenizer's kind, and what its words of 10 MB are made of.
  static let words: [(model: String, unit: String)] = [
    ("edge", "abcdefghij"), ("deberta-unigram", "abcdefghij"), ("marks", "abcdefghij"),
    // Characters that the normalizers change, and words without end of what they become.
    ("edge", "e\u{301}"), ("deberta-unigram", "\u{FB01}"), ("marks", " "), ("words", "\u{E9}"),
  ]

  @Test("a word of 10 MB that is cut", arguments: words)
  func wordPeak(model: String, unit: String) throws {
    let folder = try TemporaryFolder()
    let count = 10_000_000 / unit.utf8.count
    let bytes = Array("a\(String(repeating: unit, count: count))\n".utf8)
    let path = try folder.write("in", bytes)
    let process = try ToolProcess([
      "classify", "--model", Golden.folder + "/models/" + model, "--labels", "b,c", "--long",
      "truncate", "--all", "--jsonl", "--input-format", "lines", "--input", path,
    ])
    process.closeInput()
    let end = process.end()
    #expect(end == .status(0), "\(process.readError().prefix(300))")
    #expect(process.readOutput().hasPrefix("{\"index\":0,"))
    #expect(process.peakByteCount > 1 << 20)
    #expect(process.peakByteCount < 8 * bytes.count + 200_000_000, "\(process.peakByteCount)")
  }

  @Test("labels that are refused", arguments: labels)
  func labelPeak(_ hostile: Hostile) throws {
    let folder = try TemporaryFolder()
    let bytes = hostile.bytes()
    let path = try folder.write("in", bytes)
    let process = try ToolProcess(
      ["classify", "--model", Golden.folder + "/models/edge", "--input", path, "--jsonl"])
    process.closeInput()
    let end = process.end()
    let error = process.readError()
    #expect(end == .status(65), "\(error.prefix(300))")
    #expect(error.contains("never cut"), "\(error.prefix(300))")
    #expect(process.peakByteCount > 1 << 20)
    #expect(process.peakByteCount < 8 * bytes.count + 200_000_000, "\(process.peakByteCount)")
  }

  @Test("reranking 1,000 documents of 200 words takes what classifying them takes")
  func rerankPeak() throws {
    let folder = try TemporaryFolder()
    let words = (0..<200).map { "word\($0 % 9)" }.joined(separator: " ")
    try folder.write("out", "")
    let path = try folder.write("in", (0..<1000).map { "\($0) \(words)\n" }.joined())
    let model = ["--model", Golden.folder + "/models/edge", "--threads", "1"]
    var peaks: [Int] = []
    for arguments in [
      ["classify", "--labels", "a", "--long", "truncate", "--jsonl", "--input", path],
      ["rerank", "--query", "a", "--top-n", "5", "--documents", path],
    ] {
      let process = try ToolProcess(arguments + model, outputPath: folder.path("out"))
      process.closeInput()
      #expect(process.end() == .status(0), "\(process.readError().prefix(300))")
      peaks.append(process.peakByteCount)
    }
    #expect(peaks[0] > 1 << 20 && peaks[1] < peaks[0] + (8 << 20), "\(peaks)")
  }

  @Test(
    "reranking 100,000 documents takes what 1,000 take, whatever the model",
    arguments: ["models/edge", "sentences/bert-rerank", "sentences/minilm"])
  func documentPeak(_ model: String) throws {
    let folder = try TemporaryFolder()
    var peaks: [Int] = []
    for count in [1000, 100_000] {
      // Few tokens: cross-encoders and sentence encoders read every one, though it came before.
      let path = try folder.write("in", (0..<count).map { "\($0 % 50)\n" }.joined())
      let process = try ToolProcess([
        "rerank", "--model", "\(Golden.folder)/\(model)", "--query", "7", "--top-n", "3",
        "--input-format", "lines", "--documents", path,
      ])
      process.closeInput()
      #expect(process.end() == .status(0), "\(process.readError().prefix(300))")
      let places = process.readOutput().split(separator: "\n").compactMap {
        $0.split(separator: "\t").first.flatMap { Int($0) }
      }
      let first = try #require(places.first)
      #expect(first < 50 && places == [first, first + 50, first + 100])
      peaks.append(process.peakByteCount)
    }
    #expect(peaks[0] > 1 << 20 && peaks[1] < peaks[0] + (8 << 20), "\(peaks)")
  }

  @Test("whatever is read", arguments: inputs)
  func peak(_ hostile: Hostile) throws {
    let folder = try TemporaryFolder()
    let bytes = hostile.bytes()
    let path = try folder.write("in", bytes)
    let process = try ToolProcess(
      ProcessTests.tokenize + ["--input-format", hostile.format, "--input", path])
    process.closeInput()
    let end = process.end()
    let output = process.readOutput()
    let error = process.readError()
    #expect(end == .status(65), "\(error.prefix(300))")
    #expect(error.hasPrefix("gliss: \(path)"), "\(error.prefix(300))")
    #expect(output == "")
    #expect(process.peakByteCount > 1 << 20)
    #expect(process.peakByteCount < 8 * bytes.count + 200_000_000, "\(process.peakByteCount)")
  }
}
