// Labels written as JSON: a list of names, upstream's nested objects, or objects with details.

package import StrictJSON

extension Label {
  /// Labels from JSON text.
  ///
  /// - `["praise", "complaint"]`: names.
  /// - `{"topic": ["price", "delivery"], "region": {"europe": ["north", "south"]}}`: groups by name,
  ///   as the official Python package takes them. What is in a group is one name, a list or another
  ///   such object.
  /// - `[{"label": "refund", "description": "money back", "threshold": 0.7}]`: details; with
  ///   `"children"`, anything of the above, it is a group. Names and details mix in one list.
  ///
  /// - Throws: ``GlissError`` that says where the text is not JSON, or which element is wrong.
  public static func parse(json text: String) throws(GlissError) -> [Label] {
    let json: JSON
    do {
      json = try JSON(parsing: Array(text.utf8), limits: limits)
    } catch {
      throw GlissError(
        .data, "the labels are not JSON: byte \(error.offset + 1): \(error.reason)",
        field: "labels", expected: "JSON", found: "\(error.reason)")
    }
    return try list(json, at: "labels")
  }

  /// A level of the tree is at most two of JSON: an object and the array of its children.
  package static let limits = JSONLimits(depth: 2 * depthLimit + 8, valueCount: 1 << 22)

  /// Labels from a JSON value.
  ///
  /// - Parameter place: What errors call the value, for example `labels`.
  package static func list(_ json: JSON, at place: String) throws(GlissError) -> [Label] {
    switch json {
    case .array(let elements):
      var labels: [Label] = []
      labels.reserveCapacity(elements.count)
      for (index, element) in elements.enumerated() {
        if let name = element.string {
          labels.append(Label(name))
        } else {
          labels.append(try label(element, at: "\(place)[\(index)]"))
        }
      }
      return labels
    case .object(let object):
      var labels: [Label] = []
      for member in object.members {
        let inner = "\(place).\(GlissError.excerpt(member.key))"
        labels.append(
          try Label.group(member.key, children: members(member.value, at: inner), at: inner))
      }
      return labels
    default:
      throw wrong(place, "an array of labels or an object of groups", json)
    }
  }

  /// What is in a group: a name alone is a list of one.
  private static func members(_ json: JSON, at place: String) throws(GlissError) -> [Label] {
    if let name = json.string { return [Label(name)] }
    return try list(json, at: place)
  }

  private static func label(_ json: JSON, at place: String) throws(GlissError) -> Label {
    guard let object = json.object else {
      throw wrong(place, "a string, or an object with a \"label\"", json)
    }
    let fields = FieldReader(object, file: "labels", path: place)
    let name: String
    let description: String?
    let threshold: Float?
    do throws(FieldError) {
      name = try fields.string("label")
      description = try fields.optionalString("description")
      threshold = try fields.optionalDouble("threshold", in: 0...1).map { Float($0) }
    } catch {
      throw GlissError(
        .data, error.sentence, field: error.field, expected: error.expected,
        found: error.found ?? "nothing")
    }
    let known: Set = ["label", "description", "threshold", "children"]
    if let stray = object.keys.first(where: { !known.contains($0) }) {
      throw GlissError(
        .data,
        "\(place) has a field \(GlissError.quoted(stray)); a label has \"label\", "
          + "\"description\", \"threshold\" and \"children\"",
        field: "\(place).\(GlissError.excerpt(stray))",
        expected: "label, description, threshold, children", found: GlissError.excerpt(stray))
    }
    guard let children = fields.value("children"), !children.isNull else {
      return Label(name, description: description, threshold: threshold)
    }
    let inner = place + ".children"
    return try group(
      name, description: description, threshold: threshold,
      children: members(children, at: inner), at: inner)
  }

  private static func group(
    _ name: String, description: String? = nil, threshold: Float? = nil, children: [Label],
    at place: String
  ) throws(GlissError) -> Label {
    do throws(GlissError) {
      return try Label(
        name, description: description, threshold: threshold, children: children)
    } catch {
      var error = error
      error.field = place
      throw error
    }
  }

  private static func wrong(_ place: String, _ expected: String, _ json: JSON) -> GlissError {
    GlissError(
      .data, "\(place) should be \(expected), found \(json.excerpt)", field: place,
      expected: expected, found: json.excerpt)
  }
}

extension FieldError {
  /// The description without the file.
  fileprivate var sentence: String {
    guard let found else { return "\(field) is missing, it should be \(expected)" }
    return "\(field) should be \(expected), found \(found)"
  }
}
