"""A model in use as a graph for images of every size, and as a PT2 archive, PyTorch's own file of such a graph."""

import io
import json
import logging
import warnings

import torch
from torch import Tensor
from torch.export import Dim, ExportedProgram
from torch.fx.experimental import _config as symbolic_shapes

from pix2pix.inference.backends import METADATA_FILE
from pix2pix.inference.pipeline import ImageToImage
from pix2pix.models.description import Description


def graph(pipeline: ImageToImage) -> ExportedProgram:
    """The graph of `pipeline` for one image, (1, H, W, 3) uint8 with any H and W, and a seed, (1,) int64.

    The same model gives the same graph. Nothing of the machine it was made on is in it.
    """
    image, seed = _example(pipeline), torch.zeros(1, dtype=torch.int64)
    shapes = {"image": {1: Dim.DYNAMIC, 2: Dim.DYNAMIC}, "seed": None}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        # without it the graph is tied to sizes of at least two bottleneck pixels: 1 is no special case for any of its operators
        with symbolic_shapes.patch(backed_size_oblivious=True):  # type: ignore[attr-defined]
            program = torch.export.export(pipeline, (image, seed), dynamic_shapes=shapes)
    for module in program.graph_module.modules():
        if isinstance(module, torch.fx.GraphModule):
            for node in module.graph.nodes:
                for key in ("stack_trace", "nn_module_stack", "source_fn_stack", "torch_fn"):
                    node.meta.pop(key, None)  # paths and names of this machine's files
    return program


def pt2_archive(program: ExportedProgram, description: Description) -> bytes:
    """The archive's bytes, the same on every run; its description lies in it as `pix2pix.json`."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "No complete tensor found")  # the file is compared with the model afterwards
        torch.export.save(program, buffer, extra_files={METADATA_FILE: json.dumps(description.as_metadata(), indent=1)})
    return buffer.getvalue()


def quiet() -> None:
    """The exporters' own advice is for those who write exporters."""
    for name in ("torch.onnx", "torch.export", "onnxscript", "onnx_ir", "torch._export"):
        logging.getLogger(name).setLevel(logging.ERROR)


def _example(pipeline: ImageToImage) -> Tensor:
    """An image that needs padding both ways, or the graph would be one for images that need none."""
    multiple = max(pipeline.description.multiple, 8)  # sizes of at least some pixels: a graph takes 1 for a constant
    return torch.zeros((1, 2 * multiple - 3, 3 * multiple - 5, 3), dtype=torch.uint8)
