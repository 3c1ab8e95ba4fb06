// The system libraries behind the kernels, by their own words.

internal import COpenBLAS

/// The libraries this module links, and what they say of themselves.
package enum SystemLibraries {
  /// Name to version, for example `OpenBLAS` to `0.3.21 DYNAMIC_ARCH ... Haswell`.
  package static var versions: [String: String] {
    guard let text = openblas_get_config() else { return [:] }
    let words = String(cString: text).split(separator: " ")
    return ["OpenBLAS": words.drop { $0 == "OpenBLAS" }.joined(separator: " ")]
  }
}
