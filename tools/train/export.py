"""Writes a GLiClass folder from a training checkpoint, and checks it with the official package.

    python tools/train/export.py --checkpoint RUN/checkpoint.pt --out FOLDER --data ../shared/data

The weights are rounded to float16. The check loads the folder with gliclass (float32 arithmetic)
and compares its logits with this trainer's model, weights rounded alike, on 50 rows.
"""

import torch

from data import Rows
from exported import arguments, config_json, verify, write_folder
from model import Classifier, Shape, batch_tensors
from prompt import PromptTokenizer


def encoder_config(shape, tokenizer):
    """ModernBertConfig, spelt as in the published checkpoints."""
    return {
        "architectures": ["ModernBertModel"],
        "attention_bias": False,
        "attention_dropout": 0.0,
        "bos_token_id": tokenizer.cls,
        "cls_token_id": tokenizer.cls,
        "embedding_dropout": 0.0,
        "eos_token_id": tokenizer.end,
        "global_attn_every_n_layers": shape.global_every,
        "global_rope_theta": shape.global_theta,
        "hidden_activation": "gelu",
        "hidden_size": shape.hidden,
        "intermediate_size": shape.intermediate,
        "local_attention": shape.window,
        "local_rope_theta": shape.local_theta,
        "max_position_embeddings": shape.context,
        "mlp_bias": False,
        "mlp_dropout": 0.0,
        "model_type": "modernbert",
        "norm_bias": False,
        "norm_eps": shape.epsilon,
        "num_attention_heads": shape.heads,
        "num_hidden_layers": shape.layers,
        "pad_token_id": tokenizer.pad,
        "sep_token_id": tokenizer.end,
        "vocab_size": shape.vocabulary + shape.specials,
    }


def tensors(model):
    """By gliclass's names: table and added rows become one table."""
    state = dict(model.state_dict())
    table = state.pop("encoder_model.embeddings.table")
    special = state.pop("encoder_model.embeddings.special")
    state["encoder_model.embeddings.tok_embeddings.weight"] = torch.cat((table, special))
    return state | {"logit_scale": torch.tensor(2.6592)}


def load_trained(path):
    saved = torch.load(path, map_location="cpu", weights_only=False)
    model = Classifier(Shape(**saved["shape"]))
    model.load_state_dict(saved["model"])
    return model.eval(), saved


def write(model, folder):
    tokenizer = PromptTokenizer()
    config = config_json(
        "gliss-mini",
        encoder_config(model.shape, tokenizer),
        tokenizer,
        class_token_pooling="first",
        extract_text_features=False,
        hidden_size=model.shape.hidden,
        normalize_features=False,
    )
    return write_folder(folder, config, model.shape.context, tensors(model))


def own_logits(model):
    tokenizer = PromptTokenizer()

    def logits(ids, count):
        _, text, labels = model(*batch_tensors([ids], tokenizer.pad, tokenizer.label)[:3])
        return (labels[0] * text).sum(-1)

    return logits


if __name__ == "__main__":
    options = arguments(__doc__.split("\n")[0]).parse_args()
    torch.set_num_threads(1)
    trained, saved = load_trained(options.checkpoint)
    write(trained, options.out)
    rows = Rows(options.data, 99)
    sample = [rows.draw() for _ in range(48)]
    sample += [
        dict(
            rows.draw(),
            prompt="What is this about? ",
            examples=[{"text": "a goal in the last minute", "labels": ["sports"]}],
        )
        for _ in range(2)
    ]
    difference = max(verify(trained, options.out, sample, own_logits(trained)))
    print(
        f"step {saved['step']}, tokens {saved['tokens']}, "
        f"largest |difference| to gliclass on {len(sample)} rows: {difference:.2e}"
    )
    if difference > 1e-4:
        raise SystemExit("the exported folder does not reproduce the trainer")
