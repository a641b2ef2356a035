"""Export the inference pipeline as a torch.export graph for images of any size, and the graph as an ONNX model."""

import contextlib
import io
import logging
import warnings

import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor
from torch.export import Dim, ExportedProgram
from torch.fx.experimental import _config as symbolic_shapes

from pix2pix.inference.pipeline import ImageToImage
from pix2pix.models.description import Description


def graph(pipeline: ImageToImage) -> ExportedProgram:
    """Export `pipeline` as a graph of image, (1, H, W, 3) uint8 RGB with any H and W, and seed, (1,) int64.

    The same model gives the same graph, without paths or names of this machine.
    """
    image, seed = _example(pipeline), torch.zeros(1, dtype=torch.int64)
    shapes = {"image": {1: Dim.DYNAMIC, 2: Dim.DYNAMIC}, "seed": None}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        # without it torch.export specialises sizes 0 and 1, and ties the graph to bottlenecks of at least two pixels
        with symbolic_shapes.patch(backed_size_oblivious=True):  # type: ignore[attr-defined]
            program = torch.export.export(pipeline, (image, seed), dynamic_shapes=shapes)
    for module in program.graph_module.modules():
        if isinstance(module, torch.fx.GraphModule):
            for node in module.graph.nodes:
                for key in ("stack_trace", "nn_module_stack", "source_fn_stack", "torch_fn"):
                    node.meta.pop(key, None)  # they contain paths of this machine
    return program


def quiet() -> None:
    """Silence the warnings of the exporters, which are not for users."""
    for name in ("torch.onnx", "torch.export", "onnxscript", "onnx_ir", "torch._export"):
        logging.getLogger(name).setLevel(logging.ERROR)


def _example(pipeline: ImageToImage) -> Tensor:
    """An example image that needs padding in both directions, or the graph would be specialised to images that need none."""
    multiple = max(pipeline.description.multiple, 8)  # torch.export treats size 1 as a constant
    return torch.zeros((1, 2 * multiple - 3, 3 * multiple - 5, 3), dtype=torch.uint8)


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


WEIGHTS = ("fp32", "fp16", "int8")


def quantised(weight: Tensor, axis: int) -> tuple[Tensor, Tensor]:
    """Quantise a kernel: fp32 -> (int8 of the same shape, fp32 scales (channels along `axis`,)), with weight ≈ int8 * scale.

    Symmetric, in -127..127: Jacob et al., Quantization and Training of Neural Networks, 2018, section 2.1, with zero point 0.
    """
    others = [place for place in range(weight.ndim) if place != axis]
    scale = (weight.abs().amax(dim=others) / 127).clamp_min(torch.finfo(torch.float32).tiny)
    return (weight / scale.view([-1 if place == axis else 1 for place in range(weight.ndim)])).round().clamp(-127, 127).to(
        torch.int8
    ), scale


def output_axis(transposed: bool) -> int:
    """Axis of a kernel's output channels: 0 for a convolution, 1 for a transposed convolution."""
    return 1 if transposed else 0
