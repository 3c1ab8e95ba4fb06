// Reads model.safetensors.index.json: which shard of a folder holds which tensor.
// Format: huggingface/transformers, "Sharded checkpoints".

import StrictJSON

/// The shards of a folder and the tensors each must hold.
struct ShardIndex {
  /// In the order the index first names them.
  var shards: [String] = []
  /// Tensor names per shard, in the order of the index.
  var tensors: [[String]] = []

  /// Every shard stays open: below the usual limit of 1,024 open files.
  static let shardLimit = 512

  init(parsing bytes: [UInt8], file: String) throws(SafetensorsError) {
    let limits = JSONLimits(depth: 8, valueCount: SafetensorsHeader.valueLimit)
    let map: FieldReader
    do {
      map = try FieldReader(JSON(parsing: bytes, limits: limits), file: file).object("weight_map")
    } catch let error as JSONError {
      throw .invalidHeader(file: file, error)
    } catch let error as FieldError {
      throw .invalidField(error)
    } catch {
      throw .headerIsNoObject(file: file)
    }
    var positions: [String: Int] = [:]
    for member in map.object.members {
      guard let shard = member.value.string else {
        throw .invalidField(map.error(member.key, expected: "the name of a shard"))
      }
      if let position = positions[shard] {
        tensors[position].append(member.key)
        continue
      }
      guard Self.isPlainFileName(shard) else {
        throw .unsafeShardName(index: file, shard: shard)
      }
      positions[shard] = shards.count
      shards.append(shard)
      tensors.append([member.key])
    }
    guard shards.count <= Self.shardLimit else {
      throw .tooManyShards(index: file, count: shards.count, limit: Self.shardLimit)
    }
  }

  /// A name without folders, hidden files and control characters, such as
  /// `model-00001-of-00002.safetensors`.
  private static func isPlainFileName(_ name: String) -> Bool {
    name.hasSuffix(".safetensors") && !name.hasPrefix(".") && name.utf8.count <= 255
      && name.utf8.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "/") && $0 != 0x7F }
  }
}
