"""One peer in a process of its own: encoder forward passes on request.

Usage: worker.py {torch,onnx} FOLDER THREADS. One request a line on standard input, "SEQUENCES TOKENS
REPETITIONS"; one JSON object a line back, with the keys of Benchmarks/Encoder. Token ids are the formula
of Benchmarks/Encoder/main.swift.
"""

import json
import os
import statistics
import sys
import tempfile
import time

kind, folder, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
os.environ["OMP_NUM_THREADS"] = str(threads)

import torch  # noqa: E402  (after the thread count)

torch.set_num_threads(threads)
torch.set_grad_enabled(False)


def token_ids(sequences: int, tokens: int) -> torch.Tensor:
    rows = [[(s * 104_729 + p * 7_919) % 50_000 for p in range(tokens)] for s in range(sequences)]
    return torch.tensor(rows)


def load_encoder() -> torch.nn.Module:
    from gliclass import GLiClassModel

    return GLiClassModel.from_pretrained(folder).float().eval().model.encoder_model


class HiddenStates(torch.nn.Module):
    """The encoder as a function of two tensors, for export."""

    def __init__(self, encoder: torch.nn.Module):
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        return self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state


def torch_runner(ids: torch.Tensor):
    mask = torch.ones_like(ids)
    return lambda: model(ids, mask)


def onnx_runner(ids: torch.Tensor):
    """A session for exactly this shape: no dynamic axes, which is the fastest ONNX Runtime can be."""
    import onnxruntime

    mask = torch.ones_like(ids)
    path = os.path.join(scratch.name, f"{ids.shape[0]}x{ids.shape[1]}.onnx")
    torch.onnx.export(model, (ids, mask), path, dynamo=True, verbose=False)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    names = [value.name for value in session.get_inputs()]
    arrays = dict(zip(names, (ids.numpy(), mask.numpy())))
    return lambda: session.run(None, arrays)[0]


model = HiddenStates(load_encoder())
scratch = tempfile.TemporaryDirectory()
runners = {}
for line in sys.stdin:
    sequences, tokens, repetitions = map(int, line.split())
    shape = (sequences, tokens)
    if shape not in runners:
        runners[shape] = (torch_runner if kind == "torch" else onnx_runner)(token_ids(*shape))
    run = runners[shape]
    hidden = run()
    samples = []
    for _ in range(repetitions):
        start = time.perf_counter()
        hidden = run()
        samples.append((time.perf_counter() - start) * 1e3)
    record = {
        "median_ms": statistics.median(samples),
        "best_ms": min(samples),
        "samples_ms": sorted(samples),
        "first": float(hidden[0, 0, 0]),
    }
    print(json.dumps(record), flush=True)
