"""ONNX Runtime: fp32 and dynamically quantised int8, exported for exactly each shape."""

import pathlib
import tempfile

import torch
from cells import Cell
from inputs import module, token_ids


def session(quantise: bool):
    def prepare(folder: pathlib.Path, _cache: pathlib.Path, threads: int):
        import onnxruntime

        model = module(folder)

        def for_cell(cell: Cell):
            with tempfile.TemporaryDirectory() as scratch:
                path = f"{scratch}/model.onnx"
                example = (token_ids(cell, 0),)
                torch.onnx.export(model.at(cell), example, path, dynamo=True, verbose=False)
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

        return for_cell

    return prepare


PEERS = {"onnx-f32": session(quantise=False), "onnx-int8-dynamic": session(quantise=True)}
