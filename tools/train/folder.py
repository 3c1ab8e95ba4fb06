"""Writes a GLiClass folder from a checkpoint of fit.py or match.py, and checks it with gliclass.

    python tools/train/folder.py --checkpoint RUN/checkpoint.pt --out FOLDER --data ../shared/data

Weights are rounded to float16. The check loads the folder with the official package (float32
arithmetic) and compares ids and logits with ours, weights rounded alike, on single rows and on
one padded batch.
"""

import torch

from data import Rows
from export import config_json as modern_config
from exported import arguments, verify, write_folder
from prompt import PromptTokenizer
from uni import BertShape, batch_tensors, linear_tensors, load_checkpoint


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


def config_json(shape, tokenizer):
    """As in export.py, but for the head, and for BERT inside."""
    if isinstance(shape, BertShape):
        vocabulary = shape.vocabulary + shape.specials
        base = {**DEFAULTS, "vocab_size": vocabulary, "pad_token_id": tokenizer.pad}
        base["encoder_config"] = bert_config(shape, tokenizer)
        base["class_token_index"] = tokenizer.label
        base["text_token_index"] = tokenizer.sep
        base["example_token_index"] = tokenizer.example
    else:
        base = modern_config(shape, tokenizer)
    base |= {
        "class_token_pooling": "average",
        "extract_text_features": True,
        "normalize_features": True,
        "hidden_size": 2 * shape.hidden,
    }
    return dict(sorted(base.items()))


DEFAULTS = {
    "architectures": ["GLiClassModel"],
    "architecture_type": "uni-encoder",
    "dropout": 0.0,
    "dtype": "float32",  # what to compute in; the file holds float16
    "embed_class_token": True,
    "encoder_model_name": "gliss-mini-bert",
    "logit_scale_init_value": 2.6592,
    "max_labels_alloc": "dynamic",
    "max_num_classes": 25,
    "model_type": "GLiClass",
    "pooling_strategy": "first",
    "problem_type": "multi_label_classification",
    "projector_hidden_act": "gelu",
    "prompt_first": True,
    "scorer_type": "simple",
    "squeeze_layers": False,
    "use_calibrator": False,
    "use_lstm": False,
    "use_segment_embeddings": False,
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
    config = config_json(model.shape, PromptTokenizer())
    return write_folder(folder, config, model.shape.context, tensors(model))


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
