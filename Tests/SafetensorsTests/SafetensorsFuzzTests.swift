// Seeded mutations of valid files and indices: a typed error or a file whose tensors tile its bytes.

import Safetensors
import TestSupport
import Testing

struct SafetensorsFuzzTests {
  private static let fragments = [
    "\"dtype\"", "\"shape\"", "\"data_offsets\"", "\"__metadata__\"", "\"F32\"", "\"U8\"", "\"F4\"",
    "[0,8]", "[8,16]", "[]", "[0]", "0", "-1", "4611686018427387904", "9223372036854775807", "{}",
    "\"a\":", "\\u0061", "..", "/", "\0",
  ]

  @Test("mutated files", arguments: 0..<4 as Range<UInt64>)
  func filesSurviveMutations(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let folder = try TemporaryFolder()
    let header =
      #"{"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[8],"#
      + #""data_offsets":[8,16]},"c":{"dtype":"BF16","shape":[0,3],"data_offsets":[16,16]}}"#
    var acceptedCount = 0
    for round in 0..<2500 {
      var mutant = mutated(Array(header.utf8), fragments: Self.fragments, using: &random)
      // Most get a length that fits: a wrong one hides everything behind it.
      let length = round % 8 == 0 ? random.next() >> 56 : UInt64(mutant.count)
      mutant = lengthBytes(length) + mutant + zeros(round % 5 == 0 ? 15 : 16)
      let path = try folder.write("model.safetensors", mutant)
      do throws(SafetensorsError) {
        let file = try SafetensorsFile(path)
        acceptedCount += 1
        var end = file.tensors.first?.byteRange.lowerBound ?? mutant.count
        for tensor in file.tensors {
          guard tensor.byteRange.lowerBound == end,
            tensor.elementCount * tensor.elementType.bitCount == 8 * tensor.byteRange.count
          else {
            Issue.record("seed \(seed), round \(round): \(mutant)")
            return
          }
          end = tensor.byteRange.upperBound
          _ = try file.bytes(of: tensor)
        }
        #expect(end == mutant.count, "seed \(seed), round \(round)")
      } catch {
        #expect(!"\(error)".isEmpty)
      }
    }
    #expect(20...2400 ~= acceptedCount, "seed \(seed)")
  }

  @Test("mutated indices")
  func indicesSurviveMutations() throws {
    var random = SeededGenerator(seed: 11)
    let folder = try TemporaryFolder()
    for name in ["one", "two"] {
      try writeSafetensors(
        [try OutputTensor(name: name, shape: [1], floats: [1])],
        to: folder.path("\(name).safetensors"))
    }
    let index = #"{"weight_map":{"one":"one.safetensors","two":"two.safetensors"}}"#
    for round in 0..<3000 {
      try folder.write(
        "model.safetensors.index.json",
        mutated(Array(index.utf8), fragments: Self.fragments, using: &random))
      do throws(SafetensorsError) {
        let checkpoint = try Checkpoint(folder: folder.path)
        #expect(Set(checkpoint.names).isSubset(of: ["one", "two"]), "round \(round)")
      } catch {
        #expect(!"\(error)".isEmpty)
      }
    }
  }
}
