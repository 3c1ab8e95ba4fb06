// Names the folder SwiftPM copies the files of gliss-mini into, beside the built binary. The
// folder is looked up from the executable's own path (ModelStore): `Bundle.module` ends the process
// when it is missing.

/// The model that ships with Gliss.
package enum BundledModel {
  /// The build's resource folder for this target.
  package static let resourceFolderName = "gliss_BundledModel.resources"
}
