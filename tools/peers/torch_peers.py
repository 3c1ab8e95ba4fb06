"""torch: eager and compiled, fp32 and bf16, and dynamically quantised int8."""

import os
import pathlib

import torch
from cells import Cell
from inputs import module, token_ids


def eager(dtype: torch.dtype):
    def prepare(folder: pathlib.Path, _cache: pathlib.Path, _threads: int):
        model = module(folder, dtype)
        return lambda cell: lambda ids: model.at(cell)(ids).float().flatten().tolist()

    return prepare


def packaged(folder: pathlib.Path, cache: pathlib.Path, cell: Cell) -> pathlib.Path:
    """The bf16 model compiled by AOTInductor with frozen weights and dynamic axes, kept on disk.

    Dimensions of size 1 are specialised, so single sequences and batches are two compilations.
    """
    batched = cell.sequences > 1
    path = cache / f"torch-bf16-{'batches' if batched else 'single'}{cell.suffix}.pt2"
    if path.exists():
        return path
    import torch._inductor

    axes = {1: torch.export.Dim("tokens", min=16, max=8192)}
    if batched:
        axes[0] = torch.export.Dim("sequences", min=2, max=64)
    example = cell._replace(sequences=8 if batched else 1)
    program = torch.export.export(
        module(folder, torch.bfloat16).at(cell),
        (token_ids(example, 0),),
        dynamic_shapes=({**axes},),
    )
    staging = cache / f"staging-{os.getpid()}.pt2"
    torch._inductor.aoti_compile_and_package(
        program,
        package_path=str(staging),
        inductor_configs={"freezing": True, "cpp.dynamic_threads": True},
    )
    staging.rename(path)
    return path


def compiled(folder: pathlib.Path, cache: pathlib.Path, _threads: int):
    import torch._inductor

    loaded = {}

    def for_cell(cell: Cell):
        path = packaged(folder, cache, cell)
        if path not in loaded:
            loaded.clear()  # one copy of the weights at a time
            loaded[path] = torch._inductor.aoti_load_package(str(path))
        function = loaded[path]
        return lambda ids: function(ids).float().flatten().tolist()

    return for_cell


def compiled_static(folder: pathlib.Path, cache: pathlib.Path, _threads: int):
    """torch.compile with frozen weights, again for each shape."""
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(cache / "inductor"))
    os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")
    import torch._inductor.config

    torch._inductor.config.freezing = True
    model = module(folder, torch.bfloat16)

    def for_cell(cell: Cell):
        torch.compiler.reset()  # the last cell's frozen weights go
        function = torch.compile(model.at(cell), dynamic=False, fullgraph=True)
        return lambda ids: function(ids).float().flatten().tolist()

    return for_cell


def int8_dynamic(folder: pathlib.Path, _cache: pathlib.Path, _threads: int):
    from torch.ao.quantization import quantize_dynamic

    model = quantize_dynamic(module(folder), {torch.nn.Linear}, dtype=torch.qint8)
    return lambda cell: lambda ids: model.at(cell)(ids).float().flatten().tolist()


PEERS = {
    "torch-f32": eager(torch.float32),
    "torch-bf16": eager(torch.bfloat16),
    "torch-bf16-compiled": compiled,
    "torch-bf16-compiled-static": compiled_static,
    "torch-int8-dynamic": int8_dynamic,
}
