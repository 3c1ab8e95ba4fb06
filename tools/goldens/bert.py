# GLiClass around BERT: post-norm, absolute positions, every token of type 0.
import rows

SMALL = dict(model_type="bert", hidden_size=20, num_hidden_layers=3, num_attention_heads=4,
             intermediate_size=28, type_vocab_size=2, layer_norm_eps=1e-12)

CHECKPOINTS = {
    "bert": dict(
        why="BERT: absolute positions, the vector of type 0, heads of size 5; first pooling",
        encoder=SMALL, gliclass=dict(), tokenizer="words"),
    "bert-segments": dict(
        why="BERT with GLiClass's own segments beside its token types; average labels, mlp",
        encoder=SMALL, gliclass=dict(use_segment_embeddings=True, class_token_pooling="average",
                                     scorer_type="mlp"), tokenizer="words"),
    "xlm-roberta": dict(
        why="XLM-RoBERTa: positions begin behind the padding's, one token type",
        encoder=dict(SMALL, model_type="xlm-roberta", type_vocab_size=1, layer_norm_eps=1e-5),
        gliclass=dict(), tokenizer="words", rows=rows.FEW),
}
