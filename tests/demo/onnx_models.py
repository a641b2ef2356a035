"""Small exported models whose output plain PyTorch can say: a convolution, moved by the seed."""

from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from pix2pix.data.palettes import FACADES as PALETTE
from pix2pix.models.description import Description

SIZE = 32
NUDGE = 0.37  # levels for each step of the seed
KERNEL = torch.rand((3, 3, 3, 3), generator=torch.Generator().manual_seed(3)) / 18 - 0.01
COLOURS = {"facades": PALETTE}


def generated(image: np.ndarray, seed: int = -1) -> np.ndarray:
    """What PyTorch makes of (H, W, 3) uint8 RGB."""
    x = torch.from_numpy(image.copy()).permute(2, 0, 1)[None].float()
    y = (F.conv2d(x, KERNEL, padding=1) + seed * NUDGE).clamp(0, 255).round()
    return y[0].permute(1, 2, 0).to(torch.uint8).numpy()


def write_model(file: Path, dataset: str = "facades", kind: str = "pairs", **changes: str) -> Path:
    """The same as a file that `pix2pix export` could have written."""
    nodes = [
        helper.make_node("Cast", ["image"], ["levels"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["levels"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["planes", "kernel"], ["mixed"], pads=[1, 1, 1, 1]),
        helper.make_node("Cast", ["seed"], ["number"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["number", "nudge"], ["step"]),
        helper.make_node("Add", ["mixed", "step"], ["moved"]),
        helper.make_node("Clip", ["moved", "black", "white"], ["kept"]),
        helper.make_node("Round", ["kept"], ["whole"]),
        helper.make_node("Transpose", ["whole"], ["rows"], perm=[0, 2, 3, 1]),
        helper.make_node("Cast", ["rows"], ["output"], to=TensorProto.UINT8),
    ]
    constants = {"kernel": KERNEL.numpy(), "nudge": np.float32(NUDGE), "black": np.float32(0), "white": np.float32(255)}
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "translation",
        [value("image", TensorProto.UINT8, [1, "H", "W", 3]), value("seed", TensorProto.INT64, [1])],
        [value("output", TensorProto.UINT8, [1, "H", "W", 3])],
        [numpy_helper.from_array(np.asarray(constant), name) for name, constant in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    about = Description(
        dataset, kind, "AtoB", SIZE, levels=0, multiple=1, ngf=4, norm="running", noise=True, palette=COLOURS.get(dataset, {}), epochs=3
    )
    helper.set_model_props(model, {**about.as_metadata(), **{f"pix2pix.{key}": value for key, value in changes.items()}})
    file.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, file)
    return file


def write_samples(folder: Path, count: int = 3, *, flipped: bool = False) -> None:
    """Label maps of two colours each, as `<n>.png`."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        picture = Image.new("RGB", (SIZE, SIZE), PALETTE["facade"])
        picture.paste(PALETTE["window"], (4, 4 + number, 20, 12 + number))
        if flipped:
            picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        picture.save(folder / f"{number}.png")
