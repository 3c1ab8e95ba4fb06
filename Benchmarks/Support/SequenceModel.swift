// Either kind of model that the comparisons time, by its folder: token ids in, logits out.

internal import Benchmarking
internal import Encoders
package import GLiClass
package import Kernels
package import SentenceModels
internal import StrictJSON

/// A model that reads labels and text at once, or one that reads pairs.
package enum SequenceModel: Sendable {
  case joint(GLiClassModel)
  case pairs(CrossEncoderModel)

  package init(folder: String, compute: Compute) throws {
    let config = try JSONFile.fields(at: folder + "/config.json")
    self =
      try config.string("model_type", default: "") == "GLiClass"
      ? .joint(GLiClassModel(folder: folder, compute: compute))
      : .pairs(CrossEncoderModel(folder: folder, compute: compute))
  }

  /// One pass over the cell's batch, whose ids are made now.
  package func pass(_ cell: BatchCell, draw: Int) throws -> () throws -> [[Float]] {
    switch self {
    case .joint(let model):
      let batch = (0..<cell.sequences).map { sequence in
        (
          ids: cell.joint(
            sequence: sequence, draw: draw, label: model.config.classTokenID,
            text: model.config.textTokenID),
          labelCount: cell.labels
        )
      }
      return { try model.logits(batch) }
    case .pairs(let model):
      let batch = try (0..<cell.sequences).map { sequence in
        let (text, name) = cell.pair(sequence: sequence, draw: draw)
        return try model.prepare(text, name, limit: nil, cutting: .neither)
      }
      return { try model.logits(batch) }
    }
  }

  /// Of one sequence, without the head.
  package func usefulOperations(tokens: Int) -> Double {
    let encoder =
      switch self {
      case .joint(let model): model.config.encoder
      case .pairs(let model): model.config.encoder
      }
    return UsefulOperations.count(encoder, sequences: 1, tokens: tokens)
  }
}
