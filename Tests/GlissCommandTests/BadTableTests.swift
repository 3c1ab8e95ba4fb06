// Malformed csv, tsv and fastText.

import Testing

@Suite("Malformed tables are refused with the facts")
struct BadTableTests {
  static let csv: [BadInput] = [
    .file("csv", "a quote inside a field", "text\na\"b\n", line: 2, "field 1", "byte 2"),
    .file("csv", "a quote at a field's end", "id,text\n1,a\"\n", line: 2, "field 2", "byte 4"),
    .file("csv", "a blank before a quote", "id,text\n1, \"a\"\n", line: 2, "field 2", "byte 4"),
    .file(
      "csv", "text behind a quoted field", "text\n\"a\"b\n", line: 2, "closing quote", "byte 4"),
    .file("csv", "a blank behind a quoted field", "text\n\"a\" \n", line: 2, "closing quote"),
    .file("csv", "one quote in quotes", "text\n\"a\"b\"\n", line: 2, "closing quote", "byte 4"),
    .file("csv", "an open quote", "text\n\"a\n", line: 2, "field 1", "never closed"),
    .file("csv", "nothing but a quote", "text\n\"", line: 2, "never closed"),
    .file("csv", "a quote over lines", "text\n\"a\nb\nc", line: 2, "never closed", "line 4"),
    .file("csv", "an open quote in the header", "\"text\nx\n", line: 1, "never closed"),
    .file("csv", "a doubled quote left open", "text\n\"a\"\"\n", line: 2, "never closed"),
    .file("csv", "a lone carriage return", "text\na\rb\n", line: 2, "carriage return", "byte 3"),
    .file("csv", "one behind quotes", "text\n\"a\"\rb\n", line: 2, "carriage return"),
    .file("csv", "two carriage returns", "text\na\r\r\n", line: 2, "carriage return"),
    .file("csv", "a header of old line ends", "text\ra\rb\r", line: 1, "carriage return"),
    .file("csv", "too few fields", "id,text\n1\n", line: 2, "1 field", "header has 2"),
    .file("csv", "too many fields", "id,text\n1,a,b\n", line: 2, "3 fields", "header has 2"),
    .file("csv", "a comma at the end", "text\na,\n", line: 2, "2 fields", "header has 1"),
    .file("csv", "a comma in bare text", "text\nyes, I do\n", line: 2, "2 fields"),
    .file("csv", "an empty field too few", "a,text,c\n,x\n", line: 2, "2 fields", "header has 3"),
    .file(
      "csv", "no text column", "id,body\n1,a\n", line: 1, "no column text", "id, body",
      "--text-column"),
    .file("csv", "another case", "id,Text\n1,a\n", line: 1, "did you mean Text?"),
    .file("csv", "a slip", "id,txet\n1,a\n", line: 1, "did you mean txet?"),
    .file("csv", "two text columns", "text,text\na,b\n", line: 1, "1 and 2", "number"),
    .file("csv", "names that are empty", ",\na,b\n", line: 1, "no column text"),
    .file("csv", "two marks", "\u{FEFF}\u{FEFF}text,id\na,1\n", line: 1, "no column text"),
    .file("csv", "semicolons", "id;text\n1;a\n", line: 1, "--delimiter ';'"),
    .file("csv", "bars", "id|text\n1|a\n", line: 1, "--delimiter '|'"),
    .file("csv", "tabs", "id\ttext\n1\ta\n", line: 1, "--input-format tsv"),
    .file("csv", "blank lines, then a bad one", "text\n\n\na\"\n", line: 4, "byte 2"),
    .file("csv", "a control character's name", "a\u{1B}[2Jb,c\n1,2\n", line: 1, "no column text"),
    .file("csv", "the model refuses", "text\nrefuse\n", line: 2, "the text was refused"),
    .columns("a number beyond", "a,b\n1,2\n", ["--text-column", "3"], line: 1, "no column 3"),
    .columns("the number 0", "a,b\n1,2\n", ["--text-column", "0"], line: 1, "no column 0"),
    .columns("a number below", "a,b\n1,2\n", ["--text-column=-1"], line: 1, "no column -1"),
    .columns(
      "a name of no header", "a,b\n1,2\n", ["--no-header", "--text-column", "a"], line: 1,
      "no column a", "no header"),
    .columns(
      "columns of no header", "a,b\n", ["--no-header"], line: 1, "2 columns", "--text-column 1"),
    .bytes(
      "csv", "a first row of another length", Array("a,b\nc\n".utf8), line: 2,
      ["1 field", "first row has 2"], options: ["--no-header", "--text-column", "1"], rowCount: 1),
    .bytes(
      "csv", "a quoted line end without quotes", Array("id,text\n1,\"a\nb\"\n".utf8), line: 3,
      ["1 field"], options: ["--no-quotes"], rowCount: 1),
    .columns(
      "the wrong delimiter", "id,text\n1,a\n", ["--delimiter", ";"], line: 1, "--input-format csv"),
    .bytes(
      "csv", "a name that is not UTF-8", [0xC3, 0x28, 0x2C, 0x61, 0x0A], line: 1,
      ["column 1", "UTF-8"]),
    .bytes(
      "csv", "Latin-1", Array("text\n".utf8) + [0x66, 0xFC, 0x72, 0x0A], line: 2,
      ["text", "byte 2"]),
    .bytes(
      "csv", "an overlong zero", Array("text\n".utf8) + [0xC0, 0x80, 0x0A], line: 2, ["UTF-8"]),
    .bytes(
      "csv", "half a pair", Array("text\n".utf8) + [0xED, 0xA0, 0x80, 0x0A], line: 2, ["UTF-8"]),
    .bytes(
      "csv", "beyond Unicode", Array("text\n".utf8) + [0xF5, 0x80, 0x80, 0x80, 0x0A], line: 2,
      ["UTF-8"]),
    .bytes(
      "csv", "a character cut off", Array("text\na".utf8) + [0xE2, 0x82], line: 2, ["byte 2"]),
    .bytes(
      "csv", "65,537 columns", [UInt8](repeating: 0x2C, count: 65_536), line: 1, ["65536 fields"]),
    .bytes(
      "csv", "65,537 fields", Array("text\n".utf8) + [UInt8](repeating: 0x2C, count: 70_000),
      line: 2, ["65536 fields"]),
    .bytes(
      "csv", "a quote that swallows the file",
      Array("text\nok\n\"".utf8) + [UInt8](repeating: 0x61, count: (16 << 20) + 100), line: 3,
      ["longer than 16777216 bytes", "closing quote"], rowCount: 1),
  ]

  static let others: [BadInput] = [
    .file("tsv", "commas", "id,text\n1,a\n", line: 1, "--input-format csv"),
    .file("tsv", "too few fields", "id\ttext\n1\n", line: 2, "1 field"),
    .file("tsv", "a tab too many", "id\ttext\n1\ta\t\n", line: 2, "3 fields"),
    .file("tsv", "a quoted word first", "text\n\"No\" she said\n", line: 2, "--no-quotes"),
    .file("tsv", "an inch", "text\n3\" nails\n", line: 2, "byte 2", "--no-quotes"),
    .file("tsv", "an open quote", "text\n\"so\n", line: 2, "never closed"),
    .file("tsv", "no text column", "id\tsentence\n1\ta\n", line: 1, "id, sentence"),
    .file("tsv", "a lone carriage return", "text\na\rb\n", line: 2, "carriage return"),
    .bytes("tsv", "not UTF-8", Array("text\n".utf8) + [0xFF, 0x0A], line: 2, ["UTF-8"]),
    .file("fasttext", "a label without a name", "__label__\n", line: 1, "without a name"),
    .file("fasttext", "one before text", "__label__ x\n", line: 1, "without a name"),
    .file("fasttext", "the second without a name", "__label__a __label__ x\n", line: 1, "name"),
    .bytes("fasttext", "not UTF-8", Array("__label__a ".utf8) + [0x80, 0x0A], line: 1, ["UTF-8"]),
    .file("fasttext", "the model refuses", "__label__a refuse\n", line: 1, "refused"),
  ]

  @Test("csv", arguments: csv)
  func checkCSV(_ input: BadInput) throws {
    try input.check()
  }

  @Test("tsv and fastText", arguments: others)
  func checkOthers(_ input: BadInput) throws {
    try input.check()
  }
}
