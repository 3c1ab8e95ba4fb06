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


def compiled(dtype: torch.dtype):
    """torch.compile with frozen weights, one compilation for exactly each shape."""

    def prepare(folder: pathlib.Path, cache: pathlib.Path, _threads: int):
        os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(cache / "inductor"))
        os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")
        import torch._inductor.config

        torch._inductor.config.freezing = True
        model = Logits(folder, dtype)

        def for_shape(_shape):
            torch.compiler.reset()  # the last shape's frozen weights go
            function = torch.compile(model, dynamic=False, fullgraph=True)
            return lambda ids: function(ids).float().flatten().tolist()

        return for_shape

    return prepare


def int8_dynamic(folder: pathlib.Path, _cache: pathlib.Path, _threads: int):
    from torch.ao.quantization import quantize_dynamic

    model = quantize_dynamic(Logits(folder), {torch.nn.Linear}, dtype=torch.qint8)
    return lambda _shape: lambda ids: model(ids).float().flatten().tolist()


PEERS = {
    "torch-f32": eager(torch.float32),
    "torch-bf16": eager(torch.bfloat16),
    "torch-bf16-compiled": compiled(torch.bfloat16),
    "torch-int8-dynamic": int8_dynamic,
}
