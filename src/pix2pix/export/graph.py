"""A model in use as a graph for pictures of every size."""

import logging
import warnings

import torch
from torch import Tensor
from torch.export import Dim, ExportedProgram
from torch.fx.experimental import _config as symbolic_shapes

from pix2pix.inference.translator import Translator


def graph(translator: Translator) -> ExportedProgram:
    """The graph of `translator` for one picture, (1, H, W, 3) uint8 with any H and W, and a seed, (1,) int64.

    The same model gives the same graph. Nothing of the machine it was made on is in it.
    """
    image, seed = _example(translator), torch.zeros(1, dtype=torch.int64)
    shapes = {"image": {1: Dim.DYNAMIC, 2: Dim.DYNAMIC}, "seed": None}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        # without it the graph is tied to sizes of at least two bottleneck pixels: 1 is no special case for any of its operators
        with symbolic_shapes.patch(backed_size_oblivious=True):  # type: ignore[attr-defined]
            program = torch.export.export(translator, (image, seed), dynamic_shapes=shapes)
    for module in program.graph_module.modules():
        if isinstance(module, torch.fx.GraphModule):
            for node in module.graph.nodes:
                for key in ("stack_trace", "nn_module_stack", "source_fn_stack", "torch_fn"):
                    node.meta.pop(key, None)  # paths and names of this machine's files
    return program


def quiet() -> None:
    """The exporters' own advice is for those who write exporters."""
    for name in ("torch.onnx", "torch.export", "onnxscript", "onnx_ir", "torch._export"):
        logging.getLogger(name).setLevel(logging.ERROR)


def _example(translator: Translator) -> Tensor:
    """A picture that needs padding both ways, or the graph would be one for pictures that need none."""
    return torch.zeros((1, 2 * translator.multiple - 3, 3 * translator.multiple - 5, 3), dtype=torch.uint8)
