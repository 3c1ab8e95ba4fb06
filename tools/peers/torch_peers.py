"""torch: eager and compiled, fp32 and bf16, and dynamically quantised int8."""

import os
import pathlib

import torch
from inputs import Logits


def eager(dtype: torch.dtype):
    def prepare(folder: pathlib.Path, _cache: pathlib.Path, _threads: int):
        model = Logits(folder, dtype)
        return lambda _shape: lambda ids: model(ids).float().flatten().tolist()

    return prepare


def compiled(dtype: torch.dtype, dynamic: bool):
    """torch.compile with frozen weights.

    dynamic: one compilation for all single sequences of a process and one for all batches; otherwise one
    for exactly each shape, which takes a minute or two a shape and is no faster (README.md).
    """

    def prepare(folder: pathlib.Path, cache: pathlib.Path, _threads: int):
        os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(cache / "inductor"))
        os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")
        import torch._inductor.config

        torch._inductor.config.freezing = True
        model = Logits(folder, dtype)
        functions = {}

        def for_shape(shape):
            kind = shape[0] == 1 if dynamic else shape
            if kind not in functions:
                torch.compiler.reset()  # what was frozen for another kind of shape goes
                functions.clear()
                functions[kind] = torch.compile(model, dynamic=dynamic, fullgraph=True)
            return lambda ids: functions[kind](ids).float().flatten().tolist()

        return for_shape

    return prepare


def int8_dynamic(folder: pathlib.Path, _cache: pathlib.Path, _threads: int):
    from torch.ao.quantization import quantize_dynamic

    model = quantize_dynamic(Logits(folder), {torch.nn.Linear}, dtype=torch.qint8)
    return lambda _shape: lambda ids: model(ids).float().flatten().tolist()


PEERS = {
    "torch-f32": eager(torch.float32),
    "torch-bf16": eager(torch.bfloat16),
    "torch-bf16-compiled": compiled(torch.bfloat16, dynamic=True),
    "torch-bf16-compiled-static": compiled(torch.bfloat16, dynamic=False),
    "torch-int8-dynamic": int8_dynamic,
}
