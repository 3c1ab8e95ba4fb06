// A model's description, from the loaded model and where it was found.

internal import Encoders
internal import GLiClass
internal import Kernels
internal import ModelStore

extension ModelInfo {
  init(
    _ model: GLiClassModel, _ location: ModelLocation, files: [(name: String, byteCount: Int)]
  ) {
    let config = model.config
    name = location.name
    folder = location.folder
    origin = Origin(location.origin)
    revision = location.revision
    self.files = files.map { File(name: $0.name, byteCount: $0.byteCount) }
    architecture = config.architecture.rawValue
    encoder = config.encoder.name
    hiddenSize = config.encoder.hiddenSize
    layerCount = config.encoder.layerCount
    headCount = config.encoder.headCount
    intermediateSize = config.encoder.intermediateSize
    vocabularySize = config.encoder.vocabularySize
    contextLength = model.positionLimit
    parameterCount = model.weights.parameterCount
    scorer = config.scorer.rawValue
    labelPooling = config.labelPooling.rawValue
    textPooling = config.textPooling.rawValue
    labelsFirst = config.labelsFirst
    labelLimit = model.labelLimit
    supportsExamples = model.supportsExamples
    unusedTensors = model.weights.unused
    tensorTypes = model.weights.elementTypes
    precision = Precision(model.compute.precision)
    kernels = model.compute.kernels.name
    threads = model.compute.pool.threadCount
  }
}

extension Precision {
  init(_ precision: Kernels.Precision) {
    self =
      switch precision {
      case .f32: .f32
      case .bf16: .bf16
      case .int8: .int8
      }
  }
}

extension ModelInfo.Origin {
  init(_ origin: ModelLocation.Origin) {
    self =
      switch origin {
      case .path: .path
      case .cache: .cache
      case .bundled: .bundled
      case .environment: .environment
      }
  }
}
