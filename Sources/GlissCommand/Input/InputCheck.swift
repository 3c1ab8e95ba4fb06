// A look at the inputs before the model is loaded: a missing file is reported at once.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

enum InputCheck {
  /// The bytes of all inputs together, when every one is a regular file or an argument; nil when
  /// any is a pipe or a terminal. Throws for a file that is not there.
  static func totalByteCount(of inputs: [RowSource.Input], console: Console)
    throws(CommandError) -> Int?
  {
    var total: Int? = 0
    for input in inputs {
      var status = stat()
      switch input {
      case .text: continue
      case .standardInput:
        guard fstat(console.input, &status) == 0 else {
          total = nil
          continue
        }
      case .file(let path):
        guard stat(path, &status) == 0 else {
          throw errno == ENOENT
            ? .notFound(path: path) : .cannotOpen(path: path, reason: systemMessage(errno))
        }
        if status.st_mode & S_IFMT == S_IFDIR { throw .isFolder(path: path) }
      }
      let isRegular = status.st_mode & S_IFMT == S_IFREG
      total = isRegular ? total.map { $0 &+ Int(status.st_size) } : nil
    }
    return total
  }
}
