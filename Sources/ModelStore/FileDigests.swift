// The hashes of a model folder's files, and what they should be: of SHA256SUMS in the folder, or of
// the names that the Hugging Face cache gives its blobs (SHA-256 of large files, Git's SHA-1 of small
// ones).

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// One file of a model folder with its hash.
package struct FileDigest: Sendable, Equatable {
  /// Where the expected hash comes from.
  package enum Source: String, Sendable {
    case sums = "SHA256SUMS"
    case cache = "the cache's name for it"
  }

  package var name: String
  package var byteCount: Int
  package var sha256: String
  /// Nil: nothing says what the file should be.
  package var source: Source?
  /// Whether it is what it should be.
  package var isExpected: Bool
}

package enum FileDigests {
  package static let sumsName = "SHA256SUMS"
  private static let chunk = 1 << 20

  /// The files of the folder but `SHA256SUMS` itself, by name.
  ///
  /// - Throws: if a file cannot be read, if `SHA256SUMS` is malformed or names a file that is not
  ///   there.
  package static func of(folder: String) throws(ModelStoreError) -> [FileDigest] {
    let files = try FileSystem.files(in: folder)
    var sums = try sums(of: folder, files.map(\.name))
    var digests: [FileDigest] = []
    for file in files where file.name != sumsName {
      let path = "\(folder)/\(file.name)"
      let blob = blobName(path)
      let git = try hash(path, git: blob?.utf8.count == 40 ? file.byteCount : nil)
      var digest = FileDigest(
        name: file.name, byteCount: file.byteCount, sha256: git.sha256, isExpected: true)
      if let sum = sums.removeValue(forKey: file.name) {
        digest.source = .sums
        digest.isExpected = sum == git.sha256
      } else if let blob {
        digest.source = .cache
        digest.isExpected = blob == git.sha256 || blob == git.sha1
      }
      digests.append(digest)
    }
    return digests
  }

  /// Both hashes in one reading; Git's only with the byte count that its header holds.
  private static func hash(
    _ path: String, git byteCount: Int?
  ) throws(ModelStoreError) -> (sha256: String, sha1: String?) {
    var sha256 = Digest(.sha256)
    var sha1 = byteCount.map { count in
      var digest = Digest(.sha1)
      digest.update(Array("blob \(count)\0".utf8))
      return digest
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw .unreadable(path: path, reason: FileSystem.lastError())
    }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: chunk)
    while true {
      let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .unreadable(path: path, reason: FileSystem.lastError()) }
      if count == 0 { break }
      let part = count == chunk ? bytes : Array(bytes[..<count])
      sha256.update(part)
      sha1?.update(part)
    }
    return (sha256.finish(), sha1?.finish())
  }

  /// The blob of the Hugging Face cache that a file of a snapshot links to, if its name is a hash.
  private static func blobName(_ path: String) -> String? {
    var target = [CChar](repeating: 0, count: 4096)
    let count = readlink(path, &target, target.count)
    guard count > 0, count < target.count else { return nil }
    let text = String(decoding: target[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    let steps = text.split(separator: "/")
    guard steps.dropLast().last == "blobs", let name = steps.last,
      name.utf8.count == 64 || name.utf8.count == 40, isHexadecimal(name)
    else { return nil }
    return String(name)
  }

  /// Lines of `HASH  NAME`, as sha256sum writes them.
  private static func sums(
    of folder: String, _ names: [String]
  ) throws(ModelStoreError) -> [String: String] {
    guard names.contains(sumsName) else { return [:] }
    let path = "\(folder)/\(sumsName)"
    let text = String(decoding: try FileSystem.head(path, limit: 1 << 20), as: UTF8.self)
    var sums: [String: String] = [:]
    for line in text.split(separator: "\n") {
      let hash = line.prefix(64)
      let name = line.dropFirst(66)
      guard hash.utf8.count == 64, isHexadecimal(hash), line.dropFirst(64).first == " ",
        !name.isEmpty
      else {
        throw .malformedSums(file: path, found: String(line.prefix(80)))
      }
      guard names.contains(String(name)) else { throw .noSuchFile(name: String(name), file: path) }
      sums[String(name)] = hash.lowercased()
    }
    return sums
  }

  private static func isHexadecimal(_ text: Substring) -> Bool {
    text.allSatisfy { $0.isASCII && $0.isHexDigit }
  }
}
