"""OpenVINO: fp32, bf16 and int8 weights, compiled for exactly each shape."""

import os
import pathlib

import torch
from inputs import Logits, token_ids


def converted(folder: pathlib.Path, cache: pathlib.Path, compress: bool) -> pathlib.Path:
    """The model as OpenVINO's own format with dynamic axes, converted once and kept."""
    import openvino

    path = cache / ("openvino-w8.xml" if compress else "openvino.xml")
    if path.exists():
        return path
    if compress:
        import nncf

        model = openvino.Core().read_model(converted(folder, cache, compress=False))
        model = nncf.compress_weights(model, mode=nncf.CompressWeightsMode.INT8_SYM)
    else:
        model = openvino.convert_model(Logits(folder), example_input=token_ids(2, 64, 0))
    # The .xml is written last: a name that exists is a whole conversion.
    staging = cache / f"staging-{os.getpid()}.xml"
    openvino.save_model(model, staging, compress_to_fp16=False)
    staging.with_suffix(".bin").rename(path.with_suffix(".bin"))
    staging.rename(path)
    return path


def compiled(precision: str, compress: bool = False):
    def prepare(folder: pathlib.Path, cache: pathlib.Path, threads: int):
        import openvino

        path = converted(folder, cache, compress)
        core = openvino.Core()
        options = {
            "INFERENCE_PRECISION_HINT": precision,
            "INFERENCE_NUM_THREADS": threads,
            "PERFORMANCE_HINT": "LATENCY",
            "NUM_STREAMS": "1",
        }

        def for_shape(shape):
            model = core.read_model(path)
            model.reshape(list(shape))
            request = core.compile_model(model, "CPU", options).create_infer_request()

            def run(ids: torch.Tensor) -> list[float]:
                request.infer([ids.numpy()], share_inputs=True)
                return request.get_output_tensor(0).data.reshape(-1).tolist()

            return run

        return for_shape

    return prepare


PEERS = {
    "openvino-f32": compiled("f32"),
    "openvino-bf16": compiled("bf16"),
    "openvino-w8": compiled("bf16", compress=True),
}
