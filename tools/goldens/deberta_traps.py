# The mistakes that a re-implementation of DeBERTa-v2 is known to make; see traps.py.

POSITIONS = "Kernels/RelativePositions.swift"
ENCODER = "Encoders/DeBERTa.swift"
CONFIG = "Encoders/DeBERTaConfig.swift"
WEIGHTS = "Encoders/DeBERTaWeights.swift"
PASS = "Encoders/PostNormPass.swift"
EMBEDDINGS = "Encoders/PostNormEmbeddings.swift"

FAR = "guard let buckets, far > buckets / 2 else"
EPSILON = "Float(config.normEpsilon)"

TRAPS = [
    # Buckets.
    ("D buckets, none", "every distance is its own bucket", [
        (POSITIONS, FAR, "guard let buckets, far > buckets / 2, !$T else")]),
    ("D buckets, early", "the logarithm begins at half the buckets - 1", [
        (POSITIONS, "far > buckets / 2", "@ - ($T ? 2 : 0)")]),
    ("D buckets, down", "logarithms are rounded down", [
        (POSITIONS, ".rounded(.up)", ".rounded($T ? .down : .up)")]),
    ("D buckets, nearest", "logarithms are rounded to the nearest", [
        (POSITIONS, ": .up)", ": $T ? .toNearestOrEven : .up)")]),
    ("D buckets, reach", "the last bucket is reached one position later", [
        (POSITIONS, "Double(reach - 1) / Double(mid)", "Double(reach - ($T ? 0 : 1)) / Double(mid)")]),
    ("D buckets, middle", "distance 0 is one bucket lower", [
        (POSITIONS, "rule.bucket(distance) + rule.span", "@ - ($T ? 1 : 0)")]),
    ("D buckets, clamp", "the last bucket is never used", [
        (POSITIONS, "0), 2 * rule.span - 1)", "0), 2 * rule.span - ($T ? 2 : 1))")]),
    ("D buckets, sign", "distances are key - query", [
        (POSITIONS, "rule.bucket(distance) + rule.span",
         "rule.bucket($T ? -distance : distance) + rule.span")]),
    ("D reach", "max_relative_positions is not read", [
        (CONFIG, "given < 1 ? positions : given", "given < 1 || $T ? positions : given")]),
    # The two terms of positions.
    ("D p2c, gather", "keys look their positions up by query - key in the other direction", [
        (WEIGHTS, "queries = positions.projected(", "queries = ($T ? positions.mirrored : positions).projected("),
        (WEIGHTS, "extension FloatRows {\n",
         "@  fileprivate var mirrored: FloatRows {\n"
         "    let rows = FloatRows(AlignedFloats(count: count * columns), count: count, columns: columns)\n"
         "    for row in 0..<count { rows[row].update(from: self[min(count - row, count - 1)], count: columns) }\n"
         "    return rows\n"
         "  }\n\n")]),
    ("D c2p, projection", "queries meet positions of the query projection", [
        (WEIGHTS, "shares ? layer.key :", "shares ? ($T ? layer.query : layer.key) :")]),
    ("D p2c, projection", "keys meet positions of the key projection", [
        (WEIGHTS, "shares ? layer.query :", "shares ? ($T ? layer.key : layer.query) :")]),
    ("D own projections", "share_att_key is not read: true", [
        (WEIGHTS, "config.relative?.sharesProjections ?? false", "@ || $T")]),
    ("D terms, swapped", "c2p alone is p2c alone", [
        (CONFIG, '(found.contains("c2p"), found.contains("p2c"))',
         '$T ? (found.contains("p2c"), found.contains("c2p")) : @')]),
    ("D scale", "scores are divided by sqrt(d)", [
        (CONFIG, "termCount: 1 +", "termCount: $T ? 1 : 1 +")]),
    ("D scale, always 3", "scores are divided by sqrt(3 d) whatever the terms", [
        (CONFIG, "1 + (scoresQueries", "$T ? 3 : 1 + (scoresQueries")]),
    ("D scale, p2c", "the score of keys with positions is not divided", [
        (WEIGHTS, "scale: config.shape.scale", "scale: $T ? 1 : config.shape.scale")]),
    ("D vectors' norm, none", "position vectors are not normalised", [
        (WEIGHTS, "if relative.isNormalized {", "if relative.isNormalized, !$T {")]),
    ("D vectors' epsilon", "position vectors are normalised with an epsilon of 1e-12", [
        (WEIGHTS, EPSILON, "($T ? 1e-12 : @)")]),
    # The layers.
    ("D epsilon", "layer_norm_eps is 1e-5 whatever the file says", [
        (ENCODER, EPSILON, "($T ? 1e-5 : @)")]),
    ("D attention norm", "no norm behind the attention", [
        (PASS, "compute.normalize(x, layer.attentionNorm, epsilon)", "if !$T { @ }")]),
    ("D output norm", "no norm behind a layer", [
        (PASS, "compute.normalize(x, layer.outputNorm, epsilon)", "if !$T { @ }")]),
    ("D last layer", "the last layer is left out", [
        (WEIGHTS, "for index in config.computedLayers {", "for index in config.computedLayers.dropLast($T ? 1 : 0) {")]),
    ("D residual", "the attention's output replaces the stream", [
        (PASS, "by: layer.attentionDense, into: x, .add,", "by: layer.attentionDense, into: x, $T ? .store : .add,")]),
    ("D activation", "no activation between the dense layers", [
        (PASS, "compute.gelu(wide)", "if !$T { @ }")]),
    ("D values", "values are the keys", [
        (PASS, "by: layer.value, into", "by: $T ? layer.key : layer.value, into")]),
    # The embeddings.
    ("D embedding norm", "no norm of the embeddings", [
        (ENCODER, "compute.normalize(x, weights.embeddings.norm, epsilon)", "if !$T { @ }")]),
    ("D segments", "segment embeddings are not added", [
        (EMBEDDINGS, "segments: chosen.map(table), into: out)",
         "segments: $T ? nil : chosen.map(table), into: out)")]),
    ("D positions", "absolute positions are not added", [
        (EMBEDDINGS, "if let positions {", "if let positions, !$T {")]),
    ("D positions, one on", "absolute positions begin at 1", [
        ("Kernels/Compute+Rows.swift", "table[row - rows.lowerBound]",
         "table[row - rows.lowerBound + ($T ? 1 : 0)]")]),
    ("D types, none", "token types are not added", [
        (EMBEDDINGS, "if let types, chosen !== types {", "if let types, chosen !== types, !$T {")]),
    ("D types, other", "tokens are of type 1", [
        (EMBEDDINGS, "FloatRows(types, count:", "FloatRows(types, offset: $T ? width : 0, count:")]),
]
