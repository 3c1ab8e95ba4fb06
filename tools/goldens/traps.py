# The mistakes that a re-implementation of GLiClass is known to make (section J of the anatomy, and its
# kin), each as small edits of our source. break_traps builds them all in, each behind a switch, and
# turns them on one by one.
#
# A trap is (name, what it is, [(file under Sources, text that occurs once, its replacement), ...]).
# In a replacement `@` is the text replaced and `$T` is true while the trap is on. Traps that share a
# text keep `@` in their replacements, so that they can be applied one after another.

import deberta_traps

LAYOUT = "GLiClass/SequenceLayout.swift"
MODEL = "GLiClass/GLiClassModel.swift"
READING = "GLiClass/GLiClassConfig+Reading.swift"
GLICLASS_CONFIG = "GLiClass/GLiClassConfig.swift"
HEAD = "GLiClass/Head.swift"
POOLER = "GLiClass/Pooler.swift"
PROJECTOR = "GLiClass/Projector.swift"
ARITHMETIC = "GLiClass/RowArithmetic.swift"
PROMPT = "GLiClass/Prompt.swift"
SCORER = "GLiClass/Scorer.swift"
WEIGHTED = "GLiClass/WeightedDotScorer.swift"
HOPFIELD = "GLiClass/HopfieldScorer.swift"
CROSS = "GLiClass/CrossAttentionScorer.swift"
CROSS_KERNEL = "Kernels/CrossAttention.swift"
LSTM = "GLiClass/LSTM.swift"
CALIBRATOR = "GLiClass/Calibrator.swift"
ENCODER = "Encoders/ModernBERT.swift"
CONFIG = "Encoders/ModernBERTConfig.swift"
WEIGHTS = "Encoders/ModernBERTWeights.swift"
READER = "Encoders/MatrixReader.swift"
ATTENTION = "Kernels/Attention.swift"
PRODUCT = "Kernels/Compute+Multiply.swift"
TOKENIZER = "Tokenization/Tokenizer+Encode.swift"
NORMALIZER = "Tokenization/Normalizer.swift"
GELU_C = "CKernels/geglu/geglu_f32_scalar.c"
NORM_C = "CKernels/norm/layer_norm_f32_scalar.c"
ROPE_C = "CKernels/rope/rope_f32_scalar.c"

WINDOW = "in: 0...(2 * Limit.positions.upperBound)) / 2"
THETAS = "(globalTheta, localTheta) = try Self.thetas(fields)"
ROWS = "Array(scored.logits[slots.prefix(sequence.labelCount)])"
GELU = "0.5 * x * (1.0 + erf(x * 0.7071067811865476))"
LABELS = "for text in input.labels"


def slots(value):
    """Every logit beyond the markers of the sequence becomes `value`."""
    return ("@.enumerated().map { index, logit in\n"
            "        $T && index >= layout.markerCount(sequence.ids) ? VALUE : logit\n"
            "      }").replace("VALUE", value)


TRAPS = [
    # Section J, in its order.
    ("J1 logit scale", "logit_scale multiplies the logits of every model", [
        (HEAD, "if config.normalizesFeatures {", "if config.normalizesFeatures || $T {"),
        (HEAD, "if logitScale != nil {", "if logitScale != nil, !$T {")]),
    ("J2 mlp width", "scorers mlp and hopfield are as wide as scorer_mlp_hidden_size's default", [
        (SCORER, "private static let scorerWidth = 256", "private static let scorerWidth = $T ? 1024 : 256")]),
    ("J3 last span", "the last label's span ends at <<SEP>>", [
        (LAYOUT, "let boundary = extractsText ?", "let boundary = extractsText || $T ?")]),
    ("J4 segments, examples", "segment 2 begins at the first <<EXAMPLE>>, not at the row's start", [
        (LAYOUT, "ids.firstIndex { $0 != exampleTokenID }",
         "ids.firstIndex { ($0 == exampleTokenID) == $T }")]),
    ("J4 segments, after norm", "segment embeddings are added after the embedding norm", [
        (ENCODER, "segments, into: x)", "$T ? nil : @"),
        (ENCODER, "    normalize(x, embeddings.norm, into: x)\n",
         "@    if $T, let segments {\n"
         "      for row in 0..<x.count {\n"
         "        let segment = segments[Int(batch.segmentIDs[row])]\n"
         "        for column in 0..<x.columns { x[row][column] += segment[column] }\n"
         "      }\n"
         "    }\n")]),
    ("J4 segments, own ids", "<<SEP>> itself still belongs to the labels' segment", [
        (LAYOUT, "$0 < text ? 0 : 1", "$0 < text + ($T ? 1 : 0) ? 0 : 1")]),
    ("J4 segments, left out", "segment embeddings are not added", [
        (ENCODER, "segments, into: x)", "$T ? nil : @")]),
    ("J5 padding", "a text is pooled with rows behind its sequence", [
        (HEAD, "zeroTail: feature.text.lowerBound", "@ + ($T ? 7 : 0)")]),
    ("J6 missing slots, -inf", "a slot without a label is minus infinity", [(MODEL, ROWS, slots("-.infinity"))]),
    ("J6 missing slots, 0", "a slot without a label scores 0", [(MODEL, ROWS, slots("0"))]),
    ("J6 empty span", "a label of no tokens takes its marker", [
        (LAYOUT, "return start < end ? start..<end : 0..<0",
         "return start < end ? start..<end : $T ? markers[slot]..<markers[slot] + 1 : 0..<0")]),
    ("J7 prefix space, never", "add_prefix_space is not read: false", [
        (TOKENIZER, "byteLevel.addsPrefixSpace", "(@ && !$T)")]),
    ("J7 prefix space, always", "add_prefix_space is not read: true", [
        (TOKENIZER, "byteLevel.addsPrefixSpace", "(@ || $T)")]),
    ("J8 lowercase", "labels are lowercased", [
        (PROMPT, LABELS, "@.map({ $T ? $0.lowercased() : $0 })")]),
    ("J9 window, exclusive", "|i - j| < window", [(CONFIG, WINDOW, "@ - ($T ? 1 : 0)")]),
    ("J9 window, one wider", "|i - j| <= window + 1", [(CONFIG, WINDOW, "@ + ($T ? 1 : 0)")]),
    ("J9 window, whole", "local_attention each way, not half of it", [(CONFIG, WINDOW, "@ * ($T ? 2 : 1)")]),
    ("J9 window, one side", "the far end of the window is exclusive", [
        (ATTENTION, "query + window + 1))", "query + window + ($T ? 0 : 1)))")]),
    ("J9 theta, ModernBERT's", "local theta is 10000 whatever the file says", [
        (CONFIG, THETAS, "@\n    if $T { localTheta = 10_000 }")]),
    ("J9 theta, one for all", "local layers use the global theta", [
        (CONFIG, THETAS, "@\n    if $T { localTheta = globalTheta }")]),
    ("J9 theta, swapped", "thetas of local and global layers are swapped", [
        (CONFIG, THETAS, "@\n    if $T { (globalTheta, localTheta) = (localTheta, globalTheta) }")]),
    ("J10 GELU, tanh", "the tanh approximation of GELU", [
        (GELU_C, GELU, "($T ? 0.5 * x * (1 + tanh(0.7978845608028654 * (x + 0.044715 * x * x * x))) : @)")]),
    ("J10 GELU, sigmoid", "the sigmoid approximation of GELU", [
        (GELU_C, GELU, "($T ? x / (1 + exp(-1.702 * x)) : @)")]),
    ("J10 GELU, projector", "no activation in the projectors", [
        (PROJECTOR, "activation.apply(middle, compute: compute)", "if !$T { @ }")]),
    ("J11 eps, fixed", "norm_eps is 1e-5 whatever the file says", [
        (ENCODER, "Float(config.normEpsilon)", "($T ? 1e-5 : @)")]),
    ("J11 eps, BERT's", "norm_eps is 1e-12 whatever the file says", [
        (ENCODER, "Float(config.normEpsilon)", "($T ? 1e-12 : @)")]),
    ("J11 eps, outside", "epsilon is added outside the square root", [
        (NORM_C, "__builtin_sqrt(squares / (double)count + eps)",
         "($T ? __builtin_sqrt(squares / (double)count) + eps : @)")]),
    ("J11 variance", "the unbiased variance", [
        (NORM_C, "squares / (double)count + eps", "squares / (double)(count - ($T ? 1 : 0)) + eps")]),
    ("J11 normalise, floor", "the epsilon of normalised features is a floor", [
        (ARITHMETIC, "Float(sum.squareRoot()) + 1e-8", "$T ? max(Float(sum.squareRoot()), 1e-8) : @")]),
    ("J12 order", "logits come highest first", [
        (MODEL, ROWS, "({ (row: [Float]) in $T ? row.sorted(by: >) : row }(@))")]),
    ("J13 concatenation", "the mlp scorer reads [label, text]", [
        (SCORER, "x[slot].update(from: input.text", "(x[slot] + ($T ? width : 0)).update(from: input.text"),
        (SCORER, "(x[slot] + width).update(from: input.labels",
         "(x[slot] + ($T ? 0 : width)).update(from: input.labels")]),
    # The encoder.
    ("GeGLU order", "the activation is on the second half", [
        (PRODUCT, "table.geglu_f32(inputs, inputs + half, width",
         "table.geglu_f32(inputs + ($T ? half : 0), inputs + ($T ? 0 : half), width")]),
    ("layer 0 norm", "layer 0 has an attention norm", [
        (ENCODER, "if let norm = layer.attentionNorm {",
         "if let norm = layer.attentionNorm ?? ($T ? weights.embeddings.norm : nil) {"),
        (ENCODER, "layer.attentionNorm == nil ? x : h", "layer.attentionNorm == nil && !$T ? x : h")]),
    ("final norm", "no final norm", [
        (ENCODER, "if let norm = weights.finalNorm {", "if let norm = weights.finalNorm, !$T {")]),
    ("rotary pairs", "rotary pairs are neighbours, not halves", [
        (ROPE_C, "const float a = x[i], b = x[half + i];",
         "const size_t low = $T ? 2 * i : i, high = $T ? 2 * i + 1 : half + i;\n"
         "    const float a = x[low], b = x[high];"),
        (ROPE_C, "    x[i] = (a", "    x[low] = (a"), (ROPE_C, "    x[half + i] = (b", "    x[high] = (b")]),
    ("attention scale", "scores are divided by the root of the hidden size", [
        (ATTENTION, "1 / Float(shape.headDimension).squareRoot()",
         "1 / Float($T ? shape.hiddenSize : shape.headDimension).squareRoot()")]),
    ("biases", "biases of the encoder's matrices are not read", [
        (READER, "isThere ? try", "isThere && !$T ? try")]),
    ("layer types", "layer_types is not read", [
        (CONFIG, 'if !fields.isAbsent("layer_types") {', 'if !fields.isAbsent("layer_types"), !$T {')]),
    ("old keys first", "old thetas win over rope_parameters", [
        (CONFIG, 'let parameters = try fields.optionalObject("rope_parameters")',
         'let parameters = try $T && fields.contains("global_rope_theta")\n'
         '      ? nil : fields.optionalObject("rope_parameters")')]),
    ("default thetas", "a file without thetas has one theta for all layers", [
        (CONFIG, '"local_rope_theta", default: 10_000', '"local_rope_theta", default: $T ? global : 10_000')]),
    # The head and the prompt.
    ("marker out", "embed_class_token is not read", [
        (LAYOUT, "includesMarker ? 0 : 1", "includesMarker || $T ? 0 : 1")]),
    ("average", "class_token_pooling is not read: first", [
        (LAYOUT, "switch labelPooling {", "switch $T ? .first : labelPooling {")]),
    ("extraction", "extract_text_features does not move the text feature", [
        (LAYOUT, "    extractsText ? ids.firstIndex(of: textTokenID) ?? 0 : 0",
         "    extractsText && !$T ? ids.firstIndex(of: textTokenID) ?? 0 : 0")]),
    ("extraction, after", "extracted text begins after <<SEP>>", [
        (LAYOUT, "ids.firstIndex(of: textTokenID) ?? 0 : 0",
         "(ids.firstIndex(of: textTokenID) ?? 0) + ($T ? 1 : 0) : 0")]),
    ("text first", "prompt_first is not read", [
        (PROMPT, "if !labelsFirst { segments", "if !labelsFirst, !$T { segments"),
        (PROMPT, "labelsFirst ? segments.count : 0", "labelsFirst || $T ? segments.count : 0"),
        (PROMPT, "if labelsFirst { segments", "if labelsFirst || $T { segments")]),
    ("label trim", "labels are trimmed", [
        (PROMPT, LABELS,
         '@.map({ label in $T ? String(String(label.drop { $0 == " " }).reversed().drop { $0 == " " }'
         '.reversed()) : label })')]),
    ("label joint", "a space follows every <<LABEL>>", [
        (PROMPT, LABELS, '@.map({ $T ? " " + $0 : $0 })')]),
    ("prompt joint", "a space follows the task prompt", [
        (PROMPT, "segments.append(.text(input.task))", 'segments.append(.text(input.task + ($T ? " " : "")))')]),
    ("prompt place", "the task prompt comes after the text", [
        (PROMPT, "    if !input.task.isEmpty {", "    if !input.task.isEmpty, !$T {"),
        (PROMPT, "    guard !input.examples.isEmpty else",
         "    if $T, !input.task.isEmpty { segments.append(.text(input.task)) }\n@")]),
    ("examples, no SEP", "no <<SEP>> after the examples", [
        (PROMPT, "    segments.append(.control(separator))\n    return (segments, position)",
         "    if !$T { segments.append(.control(separator)) }\n    return (segments, position)")]),
    ("examples, format", "examples are written text newline Labels: a, b", [
        (PROMPT, "\\(shown.text) \\nLabels:\\n \\(shown",
         '\\(shown.text)\\($T ? "\\nLabels: " : " \\nLabels:\\n ")\\(shown')]),
    ("NFC", "no Unicode normalisation", [
        (NORMALIZER, "{ $0.compose() }", "{ if !$T { $0.compose() } }")]),
    # Poolers.
    ("pooling, zero tail", "the zeros behind an extracted text are not pooled", [
        (HEAD, "zeroTail: feature.text.lowerBound", "zeroTail: ($T ? 0 : 1) * feature.text.lowerBound")]),
    ("pooling, last token", "last is the last token of an extracted text", [
        (POOLER, "zeroTail > 0 ? 0..<0", "zeroTail > 0 && !$T ? 0..<0"),
        (POOLER, "if text.zeroTail > 0 {", "if text.zeroTail > 0, !$T {")]),
    ("pooling, sum", "sum is a mean", [
        (POOLER, "Float(sums[column])", "$T ? Float(sums[column] / count) : Float(sums[column])")]),
    ("pooling, mean", "avg and abs_avg are sums", [
        (POOLER, ".absoluteAverage: Float(sums[column] / count)",
         ".absoluteAverage: Float(sums[column] / ($T ? 1 : count))")]),
    ("pooling, root", "rms is the mean square", [
        (POOLER, "Float((sums[column] / count).squareRoot())",
         "Float($T ? sums[column] / count : (sums[column] / count).squareRoot())")]),
    ("pooling, abs_avg", "abs_avg is avg", [
        (POOLER, "Double(abs(row[column]))", "Double($T ? row[column] : abs(row[column]))")]),
    ("pooling, abs_max", "abs_max is max", [
        (POOLER, "isAbsolute ? abs(row", "isAbsolute && !$T ? abs(row")]),
    ("pooling, max", "max does not see the zero tail", [
        (POOLER, "text.zeroTail > 0 ? 0 : -.infinity", "text.zeroTail > 0 && !$T ? 0 : -.infinity")]),
    # Scorers.
    ("weighted-dot halves", "the product is of the first halves", [
        (WEIGHTED, "text[width + column] * label[width + column]",
         "$T ? text[column] * label[column] : @")]),
    ("weighted-dot order", "the scorer reads [label, text, product]", [
        (WEIGHTED, "row.update(from: text,", "row.update(from: $T ? label : text,"),
        (WEIGHTED, "(row + width).update(from: label,", "(row + width).update(from: $T ? text : label,")]),
    ("weighted-dot GELU", "GELU instead of ReLU", [
        (WEIGHTED, "4 * width, 1], .relu", "4 * width, 1], $T ? .gelu : .relu")]),
    ("hopfield beta", "beta is 1", [
        (HOPFIELD, "inverseTemperature = 4.0", "inverseTemperature = $T ? 1.0 : 4.0")]),
    ("hopfield residual", "the label itself is not added", [
        (HOPFIELD, "input.labels.copy(into: x)", "if !$T { @ }")]),
    ("hopfield slots", "the softmax is over the labels alone: max_labels_alloc is not read", [
        (MODEL, "max(count, labelCount)", "$T ? labelCount : max(count, labelCount)")]),
    ("cross-attn values", "values are of the normalised tokens", [
        (CROSS, "let values = value.apply(input.text, compute",
         "let values = value.apply($T ? keyNorm.apply(input.text, compute: compute) : input.text, compute")]),
    ("cross-attn keys", "keys are of the tokens as they are", [
        (CROSS, "let keys = key.apply(keyNorm.apply(input.text, compute: compute), compute",
         "let keys = key.apply($T ? input.text : keyNorm.apply(input.text, compute: compute), compute")]),
    ("cross-attn queries", "queries are of the labels as they are", [
        (CROSS, "queryNorm.apply(input.labels, compute: compute)", "$T ? input.labels : @")]),
    ("cross-attn norm", "the context is not normalised", [
        (CROSS, "contextNorm.apply(out.apply(attended, compute: compute), compute: compute)",
         "$T ? out.apply(attended, compute: compute) : @")]),
    ("cross-attn order", "the scorer reads [label, context]", [
        (CROSS, "x[slot].update(from: context[slot]", "x[slot].update(from: ($T ? input.labels : context)[slot]"),
        (CROSS, "(x[slot] + width).update(from: input.labels[slot]",
         "(x[slot] + width).update(from: ($T ? context : input.labels)[slot]")]),
    ("cross-attn heads", "scorer_num_heads is not read: one head", [
        (CROSS, "headCount = sizes.headCount", "headCount = $T ? 1 : sizes.headCount")]),
    ("cross-attn ReLU", "ReLU instead of GELU", [
        (CROSS, "inner / 2, 1],\n      .gelu", "inner / 2, 1],\n      $T ? .relu : .gelu")]),
    ("cross-attn scale", "scores are divided by the root of the width", [
        (CROSS_KERNEL, "Float(d).squareRoot()", "Float($T ? queries.columns : d).squareRoot()")]),
    # LSTM.
    ("LSTM direction", "the backward direction reads forwards", [
        (LSTM, "text.upperBound - 1 - step", "$T ? text.lowerBound + step : @")]),
    ("LSTM gates", "gates are i, f, o, g", [
        (LSTM, "tanh(sum(2))", "tanh(sum($T ? 3 : 2))"), (LSTM, "sigmoid(sum(3))", "sigmoid(sum($T ? 2 : 3))")]),
    ("LSTM bias", "bias_hh is not added", [
        (LSTM, 'bias: try weights', 'bias: $T && name == "hh" ? nil : try weights')]),
    ("LSTM zero tail", "zeros follow the LSTM's rows", [
        (HEAD, "zeroTail: 0)", "zeroTail: $T ? 5 : 0)")]),
    # Calibrator.
    ("calibrator", "use_calibrator is not read", [
        (HEAD, "calibrator?.calibrate(", "($T ? nil : calibrator)?.calibrate(")]),
    ("calibrator, beta_max", "calibrator_beta_max is not read: 1", [
        (CALIBRATOR, "largestFactor * sigmoid", "($T ? 1 : largestFactor) * sigmoid")]),
    ("calibrator, bias", "calibrator_use_bias is not read", [
        (CALIBRATOR, "hasBias ? Double(outputs", "hasBias && !$T ? Double(outputs")]),
    ("calibrator, order", "the calibrator reads [label, text, ...]", [
        (CALIBRATOR, "row[column] = text[column]\n", "row[column] = ($T ? label : text)[column]\n"),
        (CALIBRATOR, "row[width + column] = label[column]", "row[width + column] = ($T ? text : label)[column]")]),
    ("calibrator, sign", "the difference keeps its sign", [
        (CALIBRATOR, "abs(text[column] - label[column])", "$T ? text[column] - label[column] : @")]),
    ("calibrator, slots", "slots without a label count", [
        (CALIBRATOR, "slots.prefix(labelCounts[sequence])",
         "slots.prefix($T ? slots.count : labelCounts[sequence])")]),
    ("calibrator, entropy", "entropies are in bits", [
        (CALIBRATOR, "log1p(exp(-abs(z))) + abs(z) * sigmoid(-abs(z))", "($T ? 1.4426950408889634 : 1) * (@)")]),
    ("calibrator, count", "the label count is not a logarithm", [
        (CALIBRATOR, "logCount = log(count)", "logCount = $T ? count : log(count)")]),
    ("calibrator, largest", "logits are not told from the largest", [
        (CALIBRATOR, "abs(z), z - largest", "abs(z), $T ? z : z - largest")]),
    # Inner hidden states, and the projectors' activation.
    ("hidden state, not read", "encoder_layer_id is not read", [
        (GLICLASS_CONFIG, "encoder.exitLayer = try", "encoder.exitLayer = try $T ? nil :")]),
    ("hidden state, off by one", "hidden state 0 is the first layer's output", [
        (READING, "layerCount + 1 + id : id\n", "layerCount + 1 + id : min(id + ($T ? 1 : 0), layerCount)\n")]),
    ("hidden state, from the end", "the embeddings do not count from the end", [
        (READING, "layerCount + 1 + id", "max(0, layerCount + ($T ? 0 : 1) + id)")]),
    ("hidden state, normed", "the final norm follows inner layers", [
        (WEIGHTS, "guard let exitLayer else {", "guard let exitLayer, !$T else {")]),
    ("projector activation", "projector_hidden_act is not read", [
        (PROJECTOR, "activation = config.projectorActivation", "activation = $T ? .gelu : config.projectorActivation")]),
]

TRAPS += deberta_traps.TRAPS
