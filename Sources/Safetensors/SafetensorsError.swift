// Why a checkpoint cannot be read or written, one case per rule.

package import StrictJSON

/// A broken rule of the safetensors format, of a sharded folder, or of what the model asked for.
/// `file` is the path as it was opened.
package enum SafetensorsError: Error, Equatable, Sendable {
  // The file.
  case cannotOpen(file: String, code: Int32)
  case notAFile(String)
  case cannotRead(file: String, code: Int32)
  case fileTooLong(file: String, byteCount: Int, limit: Int)
  /// Size or modification time differ from those at opening, or a read came up short.
  case fileChanged(String)

  // The header.
  case noHeaderLength(file: String, byteCount: Int)
  case headerTooLong(file: String, byteCount: UInt64, limit: Int)
  case headerBeyondFile(file: String, headerByteCount: Int, fileByteCount: Int)
  case headerIsNoObject(file: String)
  case invalidHeader(file: String, JSONError)
  case invalidField(FieldError)
  case unknownField(file: String, tensor: String, field: String)

  // The tensors of the header.
  case emptyName(file: String)
  case unsafeName(file: String, tensor: String)
  case duplicateName(file: String, tensor: String)
  case rankTooHigh(file: String, tensor: String, rank: Int, limit: Int)
  case tensorTooLarge(file: String, tensor: String)
  case partialByte(file: String, tensor: String, bitCount: Int)
  case reversedOffsets(file: String, tensor: String, begin: Int, end: Int)
  case byteCountMismatch(file: String, tensor: String, expected: Int, found: Int)
  case overlap(file: String, tensor: String, begin: Int, previousEnd: Int)
  case hole(file: String, tensor: String, begin: Int, previousEnd: Int)
  case dataByteCountMismatch(file: String, expected: Int, found: Int)

  // The folder.
  case noWeights(folder: String, otherFormat: String?)
  case unsafeShardName(index: String, shard: String)
  case shardOutsideFolder(index: String, shard: String)
  case tooManyShards(index: String, count: Int, limit: Int)
  case notInShard(index: String, tensor: String, shard: String)
  case notInIndex(index: String, tensor: String, shard: String)

  // What a model asks for.
  case missingTensor(file: String, tensor: String, nearest: String?)
  case shapeMismatch(file: String, tensor: String, expected: [Int], found: [Int])
  case noFloats(file: String, tensor: String, found: ElementType)
  case notFinite(file: String, tensor: String, position: Int)
  case wrongType(file: String, tensor: String, expected: String, found: ElementType)
  case wrongValue(file: String, tensor: String, position: Int, expected: String, found: String)

  // Writing.
  case cannotWrite(file: String, code: Int32)
  case valueOutOfRange(tensor: String, position: Int, value: String, type: ElementType)
}
