// Nested labels out: as upstream returns them, or with everything that is known of groups.

import Gliss

/// Appends a result's tree to a JSON object.
enum ResultTree {
  static func append(_ tree: [ScoreNode], as form: TreeOutput, to bytes: inout [UInt8]) {
    JSONText.appendKey("tree", to: &bytes)
    switch form {
    case .scores: scores(tree, to: &bytes)
    case .nodes: nodes(tree, to: &bytes)
    }
  }

  /// `{"topic": {"price": 0.9}}`. Recursion is as deep as the tree, at most `Label.depthLimit`.
  private static func scores(_ nodes: [ScoreNode], to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "{"))
    for (index, node) in nodes.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      JSONText.append(node.name, to: &bytes)
      bytes.append(UInt8(ascii: ":"))
      if node.children.isEmpty {
        JSONText.append(node.score, to: &bytes)
      } else {
        scores(node.children, to: &bytes)
      }
    }
    bytes.append(UInt8(ascii: "}"))
  }

  private static func nodes(_ nodes: [ScoreNode], to bytes: inout [UInt8]) {
    JSONText.appendArray(nodes, to: &bytes) { node, bytes in
      bytes.append(UInt8(ascii: "{"))
      JSONText.appendKey("name", to: &bytes)
      JSONText.append(node.name, to: &bytes)
      JSONText.appendKey("label", to: &bytes)
      JSONText.append(node.label, to: &bytes)
      if let logit = node.logit {
        JSONText.appendKey("logit", to: &bytes)
        JSONText.append(logit, to: &bytes)
      }
      JSONText.appendKey("score", to: &bytes)
      JSONText.append(node.score, to: &bytes)
      if !node.children.isEmpty {
        JSONText.appendKey("children", to: &bytes)
        self.nodes(node.children, to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }
}
