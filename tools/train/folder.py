"""Writes a GLiClass folder from a checkpoint of fit.py or match.py, and checks it with gliclass.

    python tools/train/folder.py --checkpoint RUN/checkpoint.pt --out FOLDER --data ../shared/data

Weights are rounded to float16. The check loads the folder with the official package (float32
arithmetic) and compares ids and logits with ours, weights rounded alike, on single rows and on
one padded batch.
"""

import torch

from data import Rows
from exported import arguments, config_json, verify, write_folder
from prompt import PromptTokenizer
from uni import BertShape, batch_tensors, linear_tensors, load_checkpoint


def modern_config(shape, tokenizer):
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


def bert_config(shape, tokenizer):
    return {
        "architectures": ["BertModel"],
        "attention_probs_dropout_prob": 0.0,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.0,
        "hidden_size": shape.hidden,
        "intermediate_size": shape.intermediate,
        "layer_norm_eps": shape.epsilon,
        "max_position_embeddings": shape.context,
        "model_type": "bert",
        "num_attention_heads": shape.heads,
        "num_hidden_layers": shape.layers,
        "pad_token_id": tokenizer.pad,
        "position_embedding_type": "absolute",
        "type_vocab_size": 2,
        "vocab_size": shape.vocabulary + shape.specials,
    }


def encoder_tensors(model):
    if isinstance(model.shape, BertShape):
        return model.encoder.official()
    state = dict(model.encoder.state_dict())
    table = torch.cat((state.pop("embeddings.table"), state.pop("embeddings.special")))
    return state | {"embeddings.tok_embeddings.weight": table}


def tensors(model):
    out = {"encoder_model." + name: t for name, t in encoder_tensors(model).items()}
    out |= linear_tensors("text_projector", model.text.weight, model.text.bias)
    out |= linear_tensors("classes_projector", model.label.weight, model.label.bias)
    return out | {"logit_scale": model.scale}


def write(model, folder):
    shape, tokenizer = model.shape, PromptTokenizer()
    bert = isinstance(shape, BertShape)
    config = config_json(
        "gliss-mini-teacher" if bert else "gliss-mini",
        (bert_config if bert else modern_config)(shape, tokenizer),
        tokenizer,
        class_token_pooling="average",
        extract_text_features=True,
        hidden_size=2 * shape.hidden,
        normalize_features=True,
    )
    return write_folder(folder, config, shape.context, tensors(model))


def own_logits(model):
    tokenizer = PromptTokenizer()
    return lambda ids, count: model(*batch_tensors([ids], tokenizer)[:3], count)[-1][0]


if __name__ == "__main__":
    parser = arguments(__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=40)
    options = parser.parse_args()
    torch.set_num_threads(1)
    trained, saved = load_checkpoint(options.checkpoint)
    size = write(trained, options.out)
    source = Rows(options.data, 99)
    sample = []
    while len(sample) < options.rows:
        row = source.draw()
        if len(row["text"]) < 900 and len(row["labels"]) < 40:
            sample.append(row)
    differences = verify(trained, options.out, sample, own_logits(trained))
    print(
        f"{size} bytes, tokens {saved.get('tokens', 0):.0f}, largest |difference| to gliclass on "
        f"{len(sample)} rows: alone {differences[0]:.2e}, in one batch {differences[1]:.2e}"
    )
    if max(differences) > 1e-4:
        raise SystemExit("the exported folder does not reproduce the trainer")
