// The errors as sentences.

import StrictJSON

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension SafetensorsError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .cannotOpen(let file, let code): "\(file): cannot be opened: \(words(code))"
    case .notAFile(let file): "\(file): is not a regular file"
    case .cannotRead(let file, let code): "\(file): cannot be read: \(words(code))"
    case .fileTooLong(let file, let byteCount, let limit):
      "\(file): has \(byteCount) bytes, the limit is \(limit)"
    case .fileChanged(let file): "\(file): changed while it was being read"

    case .noHeaderLength(let file, let byteCount):
      "\(file): has \(byteCount) bytes, a safetensors file begins with 8 bytes of header length"
    case .headerTooLong(let file, let byteCount, let limit):
      "\(file): declares a header of \(byteCount) bytes, the limit is \(limit)"
    case .headerBeyondFile(let file, let headerByteCount, let fileByteCount):
      "\(file): declares a header of \(headerByteCount) bytes, the file has \(fileByteCount)"
    case .headerIsNoObject(let file): "\(file): the header should begin with '{'"
    case .invalidHeader(let file, let error): "\(file): the header is not valid: \(error)"
    case .invalidField(let error): error.description
    case .unknownField(let file, let tensor, let field):
      "\(file): tensor \(shown(tensor)) has an unknown field \(shown(field))"

    case .emptyName(let file): "\(file): a tensor has an empty name"
    case .unsafeName(let file, let tensor):
      "\(file): the tensor name \(shown(tensor)) contains \"..\" or a control character"
    case .duplicateName(let file, let tensor):
      "\(file): two tensors are named \(shown(tensor))"
    case .rankTooHigh(let file, let tensor, let rank, let limit):
      "\(file): tensor \(shown(tensor)) has \(rank) dimensions, the limit is \(limit)"
    case .tensorTooLarge(let file, let tensor):
      "\(file): the size of tensor \(shown(tensor)) overflows"
    case .partialByte(let file, let tensor, let bitCount):
      "\(file): tensor \(shown(tensor)) has \(bitCount) bits, which fill no whole bytes"
    case .reversedOffsets(let file, let tensor, let begin, let end):
      "\(file): tensor \(shown(tensor)) begins at byte \(begin) and ends before, at \(end)"
    case .byteCountMismatch(let file, let tensor, let expected, let found):
      "\(file): tensor \(shown(tensor)) needs \(expected) bytes, its offsets span \(found)"
    case .overlap(let file, let tensor, let begin, let previousEnd):
      "\(file): tensor \(shown(tensor)) begins at byte \(begin) of the data, "
        + "the one before it ends at \(previousEnd): they overlap"
    case .hole(let file, let tensor, let begin, let previousEnd):
      "\(file): tensor \(shown(tensor)) begins at byte \(begin) of the data, "
        + "the one before it ends at \(previousEnd): the bytes between belong to none"
    case .dataByteCountMismatch(let file, let expected, let found):
      "\(file): the tensors need \(expected) bytes, \(found) follow the header"

    case .noWeights(let folder, nil):
      "\(folder): holds neither model.safetensors nor model.safetensors.index.json"
    case .noWeights(let folder, let otherFormat?):
      "\(folder): holds neither model.safetensors nor model.safetensors.index.json, "
        + "and \(otherFormat) is not read; convert it to safetensors"
    case .unsafeShardName(let index, let shard):
      "\(index): the shard \(shown(shard)) should be a plain file name ending in .safetensors"
    case .shardOutsideFolder(let index, let shard):
      "\(index): the shard \(shown(shard)) lies outside the folder"
    case .tooManyShards(let index, let count, let limit):
      "\(index): names \(count) shards, the limit is \(limit)"
    case .notInShard(let index, let tensor, let shard):
      "\(index): tensor \(shown(tensor)) should be in \(shard), which does not hold it"
    case .notInIndex(let index, let tensor, let shard):
      "\(index): \(shard) holds tensor \(shown(tensor)), which the index does not place there"

    case .missingTensor(let file, let tensor, let nearest):
      "\(file): tensor \(tensor) is missing" + (nearest.map { "; the nearest is \($0)" } ?? "")
    case .shapeMismatch(let file, let tensor, let expected, let found):
      "\(file): tensor \(tensor) is \(found), the config needs \(expected)"
    case .noFloats(let file, let tensor, let found):
      "\(file): tensor \(tensor) is \(found.rawValue), one of F32, F16, BF16, F64 is needed"
    case .notFinite(let file, let tensor, let position):
      "\(file): tensor \(tensor) should hold finite numbers, element \(position) is not"
    case .wrongType(let file, let tensor, let expected, let found):
      "\(file): tensor \(tensor) is \(found.rawValue), needed is \(expected)"
    case .wrongValue(let file, let tensor, let position, let expected, let found):
      "\(file): tensor \(tensor) should hold \(expected), element \(position) is \(found)"

    case .cannotWrite(let file, let code): "\(file): cannot be written: \(words(code))"
    case .valueOutOfRange(let tensor, let position, let value, let type):
      "tensor \(tensor): element \(position) is \(value), which \(type.rawValue) cannot hold"
    }
  }

  private func words(_ code: Int32) -> String { String(cString: strerror(code)) }

  /// Names from outside: quoted, shortened, control characters escaped.
  private func shown(_ name: String) -> String { JSON.string(name).excerpt }
}
