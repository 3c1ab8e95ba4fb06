# The official side of every golden: builds, loads and runs GLiClass models with the `gliclass`
# package alone. Nothing here re-implements the model; the only addition is forward hooks for taps.
import hashlib
import os
import warnings

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
warnings.filterwarnings("ignore")

import numpy as np
import torch
import transformers
from gliclass import GLiClassModel, GLiClassModelConfig, ZeroShotClassificationPipeline
from transformers import AutoTokenizer

transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()

# Attention runs in eager mode: explicit scores, mask and softmax, as section F.1 writes them.
ATTENTION = "eager"


def generator(*words):
    """A NumPy generator seeded by words alone, so one tensor never depends on its neighbours."""
    digest = hashlib.sha256("/".join(map(str, words)).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "little"))


def draw(seed, name, tensor, gains):
    """Random values for one parameter: linear ~ N(0, 1/fan-in), embeddings ~ N(0, 1), norm weights in
    0.5...1.5, biases in -0.5...0.5. `gains` multiplies tensors whose name ends with a key."""
    random = generator(seed, name)
    shape = tuple(tensor.shape)
    if name.endswith("logit_scale"):
        values = np.full(shape, 3.7)
    elif "norm" in name.lower() and name.endswith("weight"):
        values = random.uniform(0.5, 1.5, shape)
    elif name.endswith("bias"):
        values = random.uniform(-0.5, 0.5, shape)
    elif "embeddings" in name:
        values = random.standard_normal(shape)
    else:
        values = random.standard_normal(shape) / np.sqrt(shape[-1])
    for suffix, gain in gains.items():
        if name.endswith(suffix):
            values = values * gain
    return torch.from_numpy(np.asarray(values, dtype=np.float32))


def build(config, seed, gains=None):
    """A GLiClassModel of this config with every parameter drawn anew (see `draw`)."""
    model = GLiClassModel(GLiClassModelConfig(**config))
    with torch.no_grad():
        for name, tensor in model.named_parameters():
            tensor.copy_(draw(seed, name, tensor, gains or {}))
    return model.eval()


def load(folder, max_length=8192, dtype=torch.float32):
    """The pipeline over an unmodified checkpoint folder, at `dtype` whatever the file holds."""
    model = GLiClassModel.from_pretrained(folder, dtype=dtype).eval()
    encoder = model.model.encoder_model
    if encoder.config.model_type != "deberta-v2":  # which has no other than eager attention
        encoder.set_attn_implementation(ATTENTION)
    assert encoder.config._attn_implementation == ATTENTION
    tokenizer = AutoTokenizer.from_pretrained(folder)
    return ZeroShotClassificationPipeline(
        model, tokenizer, max_length=max_length, device="cpu", progress_bar=False
    ).pipe


def prompt(pipeline, row):
    """The exact concatenated string that upstream tokenizes."""
    return pipeline.prepare_input(
        row["text"], row["labels"], row.get("examples") or None, row.get("prompt") or None
    )


def score(pipeline, row):
    """Runs one row alone and unpadded; returns its string, ids, and the logits of every slot."""
    inputs = pipeline.prepare_inputs(
        [row["text"]],
        row["labels"],
        True,
        examples=row.get("examples") or None,
        prompt=row.get("prompt") or None,
    )
    assert bool(inputs["attention_mask"].all()), "a golden row is never padded"
    result = pipeline.get_embeddings(
        [row["text"]],
        row["labels"],
        batch_size=1,
        examples=row.get("examples") or None,
        prompt=row.get("prompt") or None,
    )[0]
    return {
        "string": prompt(pipeline, row),
        "ids": inputs["input_ids"][0].tolist(),
        "logits": result["logits"],
        "text_embedding": result["text_embedding"],
        "class_embeddings": result["class_embeddings"],
        "text_rows": text_rows(pipeline.model.config, inputs["input_ids"][0].tolist()),
    }


def encoder_layers(encoder):
    """The layers of an encoder, and which module of a layer gives the attention's own output, after the
    output projection and before the residual."""
    if encoder.config.model_type == "modernbert":
        return encoder.layers, lambda layer: layer.attn
    return encoder.encoder.layer, lambda layer: layer.attention.output.dense


def text_rows(config, ids):
    """Rows of the text's features that are tokens: behind an extracted text upstream puts zeros."""
    if config.pooling_strategy != "pass":
        return 1
    start = ids.index(config.text_token_index) if config.extract_text_features else 0
    return len(ids) - start


def taps(pipeline, row):
    """Intermediates of one row, [tokens, width] or [labels, width], by the names the Swift tap uses."""
    found = {}
    model = pipeline.model.model
    encoder = model.encoder_model
    handles = []

    def first(_inputs, output):
        return output[0] if isinstance(output, tuple) else output

    def keep(name, pick):
        def hook(_module, inputs, output):
            found[name] = pick(inputs, output).detach()[0].float().contiguous().clone()

        return hook

    def watch(module, name, pick):
        handles.append(module.register_forward_hook(keep(name, pick)))

    watch(encoder.embeddings, "embeddings", lambda i, o: o)
    layers, attention = encoder_layers(encoder)
    for index, layer in enumerate(layers):
        watch(attention(layer), f"layers.{index}.attn.out", first)
        watch(layer, f"layers.{index}.out", first)
    if hasattr(encoder, "final_norm"):
        watch(encoder.final_norm, "final_norm", first)
    watch(model.text_projector, "text_features", lambda i, o: i[0])
    watch(model.text_projector, "text_projected", lambda i, o: o)
    watch(model.classes_projector, "class_features", lambda i, o: i[0])
    watch(model.classes_projector, "class_projected", lambda i, o: o)
    try:
        score(pipeline, row)
    finally:
        for handle in handles:
            handle.remove()
    return found


def plain(values):
    """Float32 values as the shortest decimals that read back to the same bits."""
    return [float(str(np.float32(value))) for value in np.asarray(values).reshape(-1)]
