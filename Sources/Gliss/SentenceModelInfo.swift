// What a loaded cross-encoder or sentence encoder is.

internal import Encoders
internal import Kernels
internal import ModelStore
internal import SentenceModels

/// What a loaded cross-encoder or sentence encoder is, and how it runs.
public struct SentenceModelInfo: Sendable, Hashable {
  /// The name as it was asked for.
  public var name: String
  /// The folder's path.
  public var folder: String
  /// How the folder was found.
  public var origin: ModelInfo.Origin
  /// The commit of a model from the Hugging Face cache.
  public var revision: String?
  /// The files of the folder.
  public var files: [ModelInfo.File]

  /// The class that wrote the checkpoint, for example `BertForSequenceClassification`; nil where its
  /// config does not say.
  public var architecture: String?
  /// The encoder's model type, for example `bert`.
  public var encoder: String
  /// Width of the encoder's hidden states.
  public var hiddenSize: Int
  /// Number of encoder layers.
  public var layerCount: Int
  /// Attention heads a layer.
  public var headCount: Int
  /// Width of the encoder's MLP.
  public var intermediateSize: Int
  /// Rows of the embedding table.
  public var vocabularySize: Int
  /// The most tokens of one sequence.
  public var contextLength: Int
  /// Parameters in use.
  public var parameterCount: Int
  /// Tensors of the checkpoint that no part of the model uses.
  public var unusedTensors: [String]
  /// Types of the tensors in the file, with how many there are: for example `F32` 103.
  public var tensorTypes: [String: Int]

  /// The precision it computes in.
  public var precision: Precision
  /// The kernel set it runs on, for example `avx512`.
  public var kernels: String
  /// Threads that compute.
  public var threads: Int

  init(
    _ located: LocatedModel, architecture: String?, _ encoder: EncoderConfig,
    _ parts: SentenceModelParts, contextLength: Int
  ) {
    name = located.location.name
    folder = located.location.folder
    origin = ModelInfo.Origin(located.location.origin)
    revision = located.location.revision
    files = located.files.map { ModelInfo.File(name: $0.name, byteCount: $0.byteCount) }
    self.architecture = architecture
    self.encoder = encoder.name
    hiddenSize = encoder.hiddenSize
    layerCount = encoder.layerCount
    headCount = encoder.headCount
    intermediateSize = encoder.intermediateSize
    vocabularySize = encoder.vocabularySize
    self.contextLength = contextLength
    parameterCount = parts.weights.parameterCount
    unusedTensors = parts.weights.unused
    tensorTypes = parts.weights.elementTypes
    precision = Precision(parts.compute.precision)
    kernels = parts.compute.kernels.name
    threads = parts.compute.pool.threadCount
  }
}
