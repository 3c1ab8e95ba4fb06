// What a loaded model is: for `gliss model show`, logs and servers.

/// What a loaded model is, and how it runs.
public struct ModelInfo: Sendable, Hashable {
  /// How the model's folder was found.
  public enum Origin: String, Sendable, Hashable {
    /// A path was given.
    case path
    /// A name was found in the Hugging Face cache.
    case cache
    /// The model that ships with Gliss.
    case bundled
    /// The folder that `GLISS_MODEL` names.
    case environment
  }

  /// A file of the model folder.
  public struct File: Sendable, Hashable {
    /// The name in the folder.
    public var name: String
    /// The size in bytes.
    public var byteCount: Int
  }

  /// The name as it was asked for, or the folder's own for the bundled model.
  public var name: String
  /// The folder's path.
  public var folder: String
  /// How the folder was found.
  public var origin: Origin
  /// The commit of a model from the Hugging Face cache.
  public var revision: String?
  /// The files the model was loaded from.
  public var files: [File]

  /// GLiClass's architecture, for example `uni-encoder`.
  public var architecture: String
  /// The encoder's model type, for example `modernbert`.
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
  /// The scorer's key, for example `simple` or `mlp`.
  public var scorer: String
  /// How a label's tokens become its feature: `first` or `average`.
  public var labelPooling: String
  /// How the text's tokens become its feature, for example `first`.
  public var textPooling: String
  /// Whether labels come before the text.
  public var labelsFirst: Bool
  /// The most labels of one text, if the model fixes it.
  public var labelLimit: Int?
  /// Whether in-context examples work: the vocabulary has `<<EXAMPLE>>`.
  public var supportsExamples: Bool
  /// Tensors of the checkpoint that no part of the model uses.
  public var unusedTensors: [String]
  /// Types of the tensors in the file, with how many there are: for example `F32` 151.
  public var tensorTypes: [String: Int]

  /// The precision it computes in.
  public var precision: Precision
  /// The kernel set it runs on, for example `avx512`.
  public var kernels: String
  /// Threads that compute.
  public var threads: Int
}
