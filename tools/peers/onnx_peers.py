"""ONNX Runtime: fp32 and dynamically quantised int8, exported for exactly each shape."""

import pathlib
import tempfile

import torch
from inputs import Logits, token_ids


def session(quantise: bool):
    def prepare(folder: pathlib.Path, _cache: pathlib.Path, threads: int):
        import onnxruntime

        model = Logits(folder)

        def for_shape(shape):
            with tempfile.TemporaryDirectory() as scratch:
                path = f"{scratch}/model.onnx"
                torch.onnx.export(model, (token_ids(*shape, 0),), path, dynamo=True, verbose=False)
                if quantise:
                    from onnxruntime.quantization import QuantType, quantize_dynamic

                    quantised = f"{scratch}/int8.onnx"
                    quantize_dynamic(path, quantised, weight_type=QuantType.QInt8, per_channel=True)
                    path = quantised
                options = onnxruntime.SessionOptions()
                options.intra_op_num_threads = threads
                run = onnxruntime.InferenceSession(
                    path, options, providers=["CPUExecutionProvider"]
                )
            name = run.get_inputs()[0].name
            return lambda ids: run.run(None, {name: ids.numpy()})[0].reshape(-1).tolist()

        return for_shape

    return prepare


PEERS = {"onnx-f32": session(quantise=False), "onnx-int8-dynamic": session(quantise=True)}
