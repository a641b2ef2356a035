"""Export the inference pipeline as a torch.export graph for images of any size."""

import logging
import warnings

import torch
from torch import Tensor
from torch.export import Dim, ExportedProgram
from torch.fx.experimental import _config as symbolic_shapes

from pix2pix.inference.pipeline import ImageToImage


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
