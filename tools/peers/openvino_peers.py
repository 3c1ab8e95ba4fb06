"""OpenVINO: fp32, bf16 and int8 weights, compiled for exactly each shape."""

import os
import pathlib

import torch
from cells import Cell
from inputs import module, token_ids


def converted(
    folder: pathlib.Path, cache: pathlib.Path, cell: Cell, compress: bool
) -> pathlib.Path:
    """The model as OpenVINO's own format with dynamic axes, converted once and kept."""
    import openvino

    path = cache / f"openvino{'-w8' if compress else ''}{cell.suffix}.xml"
    if path.exists():
        return path
    if compress:
        import nncf

        model = openvino.Core().read_model(converted(folder, cache, cell, compress=False))
        model = nncf.compress_weights(model, mode=nncf.CompressWeightsMode.INT8_SYM)
    else:
        example = token_ids(cell._replace(sequences=2), 0)
        model = openvino.convert_model(module(folder).at(cell), example_input=example)
    # The .xml is written last: a name that exists is a whole conversion.
    staging = cache / f"staging-{os.getpid()}.xml"
    openvino.save_model(model, staging, compress_to_fp16=False)
    staging.with_suffix(".bin").rename(path.with_suffix(".bin"))
    staging.rename(path)
    return path


def compiled(precision: str, compress: bool = False):
    def prepare(folder: pathlib.Path, cache: pathlib.Path, threads: int):
        import openvino

        core = openvino.Core()
        options = {
            "INFERENCE_PRECISION_HINT": precision,
            "INFERENCE_NUM_THREADS": threads,
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": "1",
        }

        def for_cell(cell: Cell):
            model = core.read_model(converted(folder, cache, cell, compress))
            model.reshape([cell.sequences, cell.tokens])
            request = core.compile_model(model, "CPU", options).create_infer_request()

            def run(ids: torch.Tensor) -> list[float]:
                request.infer([ids.numpy()], share_inputs=True)
                return request.get_output_tensor(0).data.reshape(-1).tolist()

            return run

        return for_cell

    return prepare


PEERS = {
    "openvino-f32": compiled("f32"),
    "openvino-bf16": compiled("bf16"),
    "openvino-w8": compiled("bf16", compress=True),
}
