import GlissCommand
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@Suite("The line reader")
struct LineReaderTests {
  private func events(_ bytes: [UInt8], limit: Int = 1 << 20) throws -> [LineReader.Event] {
    let folder = try TemporaryFolder()
    let reader = try LineReader(path: folder.write("lines", bytes), limit: limit)
    var events: [LineReader.Event] = []
    repeat { events.append(try reader.next(waiting: true)) } while events.last != .end
    #expect(reader.input.readByteCount == bytes.count)
    return events.dropLast()
  }

  private func line(_ count: Int) -> [UInt8] { [UInt8](repeating: 0x61, count: count) }

  @Test("splits at every newline, whatever the lengths around its buffer of 65,536")
  func lengths() throws {
    let counts = [0, 1, 65_534, 65_535, 65_536, 65_537, 0, 131_072, 3, 200_000, 0]
    let bytes = Array(counts.map { line($0) + [0x0A] as [UInt8] }.joined())
    #expect(try events(bytes) == counts.map { .line(line($0)) })
    #expect(try events(bytes + [0x62]).last == .line([0x62]))
  }

  @Test("passes over a line beyond the limit and goes on behind it", arguments: [10, 70_000])
  func limit(_ limit: Int) throws {
    for excess in [1, 2, 65_536, 300_000] {
      let bytes = line(limit) + [0x0A] + line(limit + excess) + [0x0A] + line(3) + [0x0A]
      #expect(try events(bytes, limit: limit) == [.line(line(limit)), .tooLong, .line(line(3))])
      #expect(try events(line(limit + excess), limit: limit) == [.tooLong])
    }
  }

  @Test("says that nothing is ready instead of waiting, and keeps what has come")
  func pipes() throws {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    defer { close(ends[0]) }
    let reader = LineReader(descriptor: ends[0], name: "pipe")
    func send(_ text: String) {
      _ = Array(text.utf8).withUnsafeBytes { write(ends[1], $0.baseAddress, $0.count) }
    }
    #expect(try reader.next(waiting: false) == .notReady)
    send("on")
    #expect(try reader.next(waiting: false) == .notReady)
    send("e\ntwo\nthr")
    #expect(try reader.next(waiting: false) == .line(Array("one".utf8)))
    #expect(try reader.next(waiting: false) == .line(Array("two".utf8)))
    #expect(try reader.next(waiting: false) == .notReady)
    send("ee")
    close(ends[1])
    #expect(try reader.next(waiting: true) == .line(Array("three".utf8)))
    #expect(try reader.next(waiting: true) == .end)
    #expect(try reader.next(waiting: true) == .end)
  }

  @Test("reports what is no readable file")
  func unreadable() throws {
    let folder = try TemporaryFolder()
    #expect(throws: CommandError.self) { try LineReader(path: folder.path) }
    #expect(throws: CommandError.self) { try LineReader(path: folder.path("none")) }
    let closed = LineReader(descriptor: -1, name: "nothing")
    do {
      _ = try closed.next(waiting: true)
      Issue.record("a closed descriptor was read")
    } catch {
      #expect(error.status == .inputOutput)
      #expect("\(error)".contains("nothing: reading failed"))
    }
  }
}
