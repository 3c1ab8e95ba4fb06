// Runs a cross-encoder or a sentence encoder over rows, for tools/goldens/check_sentences: JSON lines
// {"first", "second"} or {"text"} from standard input, {"logits"} or {"vector"} with {"tokens"} out, and
// on standard error how long it took. Usage: SentenceBenchmark FOLDER [PRECISION] [THREADS]

import Gliss
import StrictJSON

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

func report(_ message: String) {
  let bytes = Array("\(message)\n".utf8)
  _ = write(STDERR_FILENO, bytes, bytes.count)
}

func end(_ message: String) -> Never {
  report(message)
  exit(1)
}

func read(_ line: String, _ name: String) throws -> String {
  try FieldReader(JSON(parsing: Array(line.utf8)), file: "standard input").string(name)
}

func numbers(_ values: [Float]) -> JSON { .array(values.map { .number(Double($0)) }) }

func seconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

let arguments = CommandLine.arguments
let asked = arguments.count > 2 ? arguments[2] : "f32"
guard arguments.count > 1, let precision = Precision(rawValue: asked) else {
  end("usage: SentenceBenchmark FOLDER [PRECISION] [THREADS]")
}
let options = Classifier.Options(
  precision: precision, threads: arguments.count > 3 ? Int(arguments[3]) : nil)
var lines: [String] = []
while let line = readLine() { lines.append(line) }
do {
  let start: Double
  let rows: [(String, [Float], Int)]
  if try ModelKind(model: arguments[1]) == .crossEncoder {
    let encoder = try CrossEncoder(model: arguments[1], options: options)
    let pairs = try lines.map { TextPair(try read($0, "first"), try read($0, "second")) }
    start = seconds()
    rows = try encoder.score(pairs).map { ("logits", $0.logits, $0.tokens) }
  } else {
    let encoder = try SentenceEncoder(model: arguments[1], options: options)
    let texts = try lines.map { try read($0, "text") }
    start = seconds()
    rows = try encoder.embed(texts).map { ("vector", $0.vector, $0.tokens) }
  }
  let taken = seconds() - start
  for (name, values, tokens) in rows {
    let members = [(key: name, value: numbers(values)), (key: "tokens", value: .integer(tokens))]
    print(JSON.object(JSONObject(members)).serialized())
  }
  let tokens = rows.reduce(0) { $0 + $1.2 }
  report("\(rows.count) rows, \(tokens) tokens, \(taken) s")
} catch {
  end("\(error)")
}
