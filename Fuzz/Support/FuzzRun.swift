// Hands a body to libFuzzer. `tools/fuzz/run TARGET` builds and runs such a program.

import CFuzzer
import Synchronization

/// A bare closure in a generic place is wrapped once more whenever it is put back, here after every
/// execution: in a struct it is not.
private struct Target {
  let body: @Sendable (UnsafeBufferPointer<UInt8>) -> Void
}

/// What libFuzzer calls: its callback is a C function, which carries nothing.
private let target = Mutex<Target?>(nil)

/// Calls `body` with input after input until libFuzzer's own arguments say that it is enough, and
/// returns its exit status. A trap, a sanitizer's finding, a time-out or too much memory ends the
/// process and leaves the input in a file.
package func fuzz(_ body: @escaping @Sendable (UnsafeBufferPointer<UInt8>) -> Void) -> Int32 {
  target.withLock { $0 = Target(body: body) }
  var count = CommandLine.argc
  var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
  return LLVMFuzzerRunDriver(&count, &arguments) { data, size in
    let target = target.withLock { $0 }
    target?.body(UnsafeBufferPointer(start: data, count: size))
    return 0
  }
}

/// Ends the process with `message`: the fault that a body looked for.
package func fault(_ message: String) -> Never { fatalError(message) }
