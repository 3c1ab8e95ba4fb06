// The files of a retrieval set. Formats: BEIR (corpus and queries as JSON lines, judgements as TSV)
// and trec_eval (judgements and runs as columns between blanks).

import Gliss
import StrictJSON

/// What is known to be relevant: relevance by query and document.
struct Judgements {
  let ofQuery: [String: [String: Int]]

  /// `query document relevance`, with BEIR's header or without, or trec_eval's `query 0 document
  /// relevance`.
  init(readingFrom path: String, console: Console) throws(CommandError) {
    var found: [String: [String: Int]] = [:]
    var rows = ColumnRows(path, console: console)
    while let (location, fields) = try rows.next() {
      guard fields.count == 3 || fields.count == 4 else {
        throw .row(
          RowError(
            location,
            "the row should be query, document and relevance, or query, 0, document and relevance; "
              + "found \(fields.count) fields"))
      }
      if rows.rowCount == 1, fields.last == "score" { continue }
      guard let relevance = Int(fields[fields.count - 1]) else {
        throw .row(
          RowError(
            location,
            "the relevance should be an integer, found \(JSON(fields[fields.count - 1]).excerpt)"))
      }
      let (query, document) = (fields[0], fields[fields.count - 2])
      guard found[query, default: [:]].updateValue(relevance, forKey: document) == nil else {
        throw .row(
          RowError(
            location,
            "document \(JSON(document).excerpt) of query \(JSON(query).excerpt) is judged twice"))
      }
    }
    guard !found.isEmpty else { throw .malformed(path: path, "there is no judgement in it") }
    ofQuery = found
  }
}

/// Documents by query, with their scores.
struct RunFile {
  /// As the file has them.
  private(set) var queries: [String] = []
  private(set) var ofQuery: [String: [(document: String, score: Float)]] = [:]

  init() {}

  /// `query Q0 document place score tag`, as trec_eval reads it: the score counts, not the place.
  init(readingFrom path: String, console: Console) throws(CommandError) {
    var rows = ColumnRows(path, console: console)
    var seen: Set<[String]> = []
    while let (location, fields) = try rows.next() {
      guard fields.count == 6 else {
        throw .row(
          RowError(
            location,
            "the row should be query, Q0, document, place, score and tag; found "
              + "\(fields.count) fields"))
      }
      guard let score = Float(fields[4]), score.isFinite else {
        throw .row(
          RowError(
            location, "the score should be a number, found \(JSON(fields[4]).excerpt)"))
      }
      guard seen.insert([fields[0], fields[2]]).inserted else {
        throw .row(
          RowError(
            location,
            "document \(JSON(fields[2]).excerpt) of query \(JSON(fields[0]).excerpt) is there "
              + "twice"))
      }
      append(fields[0], fields[2], score)
    }
    guard !queries.isEmpty else { throw .malformed(path: path, "there is no result in it") }
  }

  mutating func append(_ query: String, _ document: String, _ score: Float) {
    if ofQuery[query] == nil { queries.append(query) }
    ofQuery[query, default: []].append((document, score))
  }

  /// The first queries, each with its best documents, best first; ties as trec_eval breaks them.
  func best(_ depth: Int, queries limit: Int?) -> RunFile {
    var run = RunFile()
    for query in queries.prefix(limit ?? .max) {
      let ranked = (ofQuery[query] ?? []).sorted { one, other in
        one.score != other.score
          ? one.score > other.score
          : other.document.utf8.lexicographicallyPrecedes(one.document.utf8)
      }
      for (document, score) in ranked.prefix(depth) { run.append(query, document, score) }
    }
    return run
  }

  /// The file's text: places from 1, in the order of the documents here.
  func text(tag: String) -> String {
    queries.flatMap { query in
      (ofQuery[query] ?? []).enumerated().map { place, result in
        "\(query) Q0 \(result.document) \(place + 1) \(result.score) \(tag)\n"
      }
    }.joined()
  }
}

/// Lines cut into fields, at tabs if there are any, else at blanks; blank lines are none.
private struct ColumnRows: ~Copyable {
  private var source: RowSource
  private(set) var rowCount = 0

  init(_ path: String, console: Console) {
    source = RowSource([.file(path)], format: .lines, console: console)
  }

  mutating func next() throws(CommandError) -> (location: RowLocation, fields: [String])? {
    while true {
      switch try source.next(waiting: true) {
      case .row(let row):
        guard case .text(let line) = row.content else { continue }
        let isTabbed = line.contains("\t")
        let fields = line.split { isTabbed ? $0 == "\t" : $0 == " " }.map(String.init)
        if fields.isEmpty { continue }
        rowCount += 1
        return (row.location, fields)
      case .bad(let error, _): throw .row(error)
      case .notReady: continue
      case .end: return nil
      }
    }
  }
}

/// Texts by name: a corpus, or queries.
struct NamedTexts {
  let ofName: [String: String]

  /// JSON lines `{"_id", "title", "text"}` (BEIR), or with `"id"`; the title goes before the text.
  ///
  /// - Parameter wanted: Others are passed over, and not held.
  init(
    readingFrom path: String, wanted: Set<String>, console: Console
  ) throws(CommandError) {
    var found: [String: String] = [:]
    var rows = JSONRows(path, console: console)
    while let row = try rows.next() {
      do throws(RowError) {
        let fields = try RowFields.object(row.original, at: row.location)
        let (name, text) = try Self.read(fields, row.location)
        guard wanted.contains(name) else { continue }
        guard found.updateValue(text, forKey: name) == nil else {
          throw RowError(row.location, "the name \(JSON(name).excerpt) is there twice")
        }
      } catch {
        throw .row(error)
      }
    }
    if let missing = wanted.sorted().first(where: { found[$0] == nil }) {
      throw .malformed(
        path: path, "there is no row named \(JSON(missing).excerpt), which the run asks for")
    }
    ofName = found
  }

  private static func read(
    _ fields: FieldReader, _ location: RowLocation
  ) throws(RowError) -> (name: String, text: String) {
    do throws(FieldError) {
      let name = try fields.string(fields.contains("_id") ? "_id" : "id")
      let text = try fields.string("text")
      guard let title = try fields.optionalString("title"), !title.isEmpty else {
        return (name, text)
      }
      return (name, title + " " + text)
    } catch {
      throw RowFields.rowError(error, at: location)
    }
  }
}
