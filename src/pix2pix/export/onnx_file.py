"""Convert an exported graph to an ONNX model."""

import contextlib
import io

import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch.export import ExportedProgram

from pix2pix.export.compress import output_axis, quantised
from pix2pix.models.description import Description

_PRODUCER = "pix2pix"
_CONVOLUTIONS = ("Conv", "ConvTranspose")


def onnx_model(program: ExportedProgram, description: Description) -> bytes:
    """Bytes of the ONNX model, the same on every run.

    Inputs: `image`, (1, height, width, 3) uint8 RGB, and `seed`, (1,) int64. Output: `output`, as `image`."""
    with contextlib.redirect_stdout(io.StringIO()):  # it prints its progress
        converted = torch.onnx.export(
            program, dynamo=True, external_data=False, verbose=False, input_names=["image", "seed"], output_names=["output"]
        )
    assert converted is not None
    model = converted.model_proto
    _anonymise(model)
    _name_sizes(model)
    _compress(model.graph, description.weights)
    helper.set_model_props(model, description.as_metadata())
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def _anonymise(model: onnx.ModelProto) -> None:
    """Remove the exporter's name and version, and paths and line numbers, which differ between machines."""
    model.producer_name, model.producer_version, model.doc_string = _PRODUCER, "", ""
    graph = model.graph
    graph.name, graph.doc_string = _PRODUCER, ""
    del graph.value_info[:]  # shapes of intermediate values, which a runtime infers itself
    for part in (graph, *graph.node, *graph.initializer, *graph.input, *graph.output):
        del part.metadata_props[:]
        part.doc_string = ""


def _name_sizes(model: onnx.ModelProto) -> None:
    for value in (*model.graph.input, *model.graph.output):
        dimensions = value.type.tensor_type.shape.dim
        if len(dimensions) == 4:
            dimensions[1].dim_param, dimensions[2].dim_param = "height", "width"


def _compress(graph: onnx.GraphProto, weights: str) -> None:
    """Store kernels as fp16 followed by Cast, or as int8 followed by DequantizeLinear, which keeps them small in memory too."""
    if weights == "fp32":
        return
    kernels = {node.input[1]: output_axis(node.op_type == "ConvTranspose") for node in graph.node if node.op_type in _CONVOLUTIONS}
    before = []
    for stored in graph.initializer:
        if stored.name not in kernels:
            continue
        name, axis = stored.name, kernels[stored.name]
        weight = torch.from_numpy(numpy_helper.to_array(stored).copy())
        if weights == "fp16":
            stored.CopyFrom(numpy_helper.from_array(weight.half().numpy(), f"{name}.fp16"))
            before.append(helper.make_node("Cast", [stored.name], [name], name=f"{name}.cast", to=TensorProto.FLOAT))
        else:
            small, scale = quantised(weight, axis)
            stored.CopyFrom(numpy_helper.from_array(small.numpy(), f"{name}.int8"))
            graph.initializer.append(numpy_helper.from_array(scale.numpy(), f"{name}.scale"))
            inputs = [stored.name, f"{name}.scale"]
            before.append(helper.make_node("DequantizeLinear", inputs, [name], name=f"{name}.dequantize", axis=axis))
    nodes = [*before, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
