// Classified texts as csv or tsv, a line a label.

import CSV
import Gliss

/// Appends `index, text, label, score` (and `logit`). A text without a label has one line in which
/// label and score are empty, so that every text is there. Cells are exact: one that begins with
/// `=`, `+`, `-` or `@` is left as it is, though a spreadsheet may take it for a formula.
struct ResultCells {
  static let comma = ResultCells(writer: CSVWriter(delimiter: UInt8(ascii: ",")))
  static let tab = ResultCells(writer: CSVWriter(delimiter: UInt8(ascii: "\t")))

  private let writer: CSVWriter

  func appendHeader(logits: Bool, to bytes: inout [UInt8]) {
    writer.append(["index", "text", "label", "score"] + (logits ? ["logit"] : []), to: &bytes)
  }

  func append(
    _ scores: [LabelScore], index: Int, text: String, logits: Bool, to bytes: inout [UInt8]
  ) {
    let place = String(index)
    for score in scores {
      writer.append(
        [place, text, score.label, score.score.description]
          + (logits ? [score.logit.description] : []), to: &bytes)
    }
    if scores.isEmpty { writer.append([place, text, "", ""] + (logits ? [""] : []), to: &bytes) }
  }
}
