// What kind of model a folder holds, by its config.json alone.

internal import Encoders
internal import ModelStore
internal import StrictJSON

/// What a model folder holds, and so what loads it.
public enum ModelKind: String, Sendable, Hashable, CaseIterable {
  /// A GLiClass model: ``Classifier``.
  case gliClass = "gliclass"
  /// A classifier of sequences, `...ForSequenceClassification`: ``CrossEncoder``, and
  /// ``EntailmentClassifier`` where it has a label for entailment.
  case crossEncoder = "cross-encoder"
  /// Any other encoder: ``SentenceEncoder``.
  case sentenceEncoder = "sentence-encoder"

  /// The kind of a model, as its config.json says it; whether the model can be loaded is not looked
  /// into.
  ///
  /// - Parameter model: as of ``Classifier/init(model:options:)``.
  public init(model: String?) throws(GlissError) {
    let located = try LocatedModel(model, Classifier.Options())
    do throws(JSONFileError) {
      let fields = try JSONFile.fields(at: located.location.folder + "/config.json")
      do throws(FieldError) { self = try Self(fields) } catch { throw .field(error) }
    } catch {
      throw GlissError(error)
    }
  }

  private init(_ fields: FieldReader) throws(FieldError) {
    // Upstream's default for a config without model_type.
    guard try fields.string("model_type", default: "GLiClass") != "GLiClass" else {
      self = .gliClass
      return
    }
    let classes = fields.isAbsent("architectures") ? [] : try fields.strings("architectures")
    self =
      classes.contains { $0.hasSuffix("ForSequenceClassification") }
      ? .crossEncoder : .sentenceEncoder
  }
}
