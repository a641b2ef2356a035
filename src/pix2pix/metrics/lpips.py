"""LPIPS on AlexNet (Zhang et al. 2018, version 0.1): a distance between two images that matches human perception better than pixels do."""

import importlib.util
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from pix2pix.metrics.images import check_pairs
from pix2pix.models.weights_file import WeightsError, load_state, take

TRUNK = "AlexNet's weights under torchvision's names (https://download.pytorch.org/models/alexnet-owt-7be5be79.pth)"
HEADS = "the linear heads of LPIPS 0.1 for AlexNet (lpips/weights/v0.1/alex.pth of PyPI's lpips)"
SHIFT, SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)  # normalisation of images in [-1, 1]
PAIRS = 4  # pairs at once on a CPU: their activations fit into its cache
SMALLEST = 31  # pixels of a side: smaller images vanish in the second pooling


class Lpips:
    """LPIPS-AlexNet, equal to the PyPI package lpips up to 1e-5. The weights are not part of this project: see `__init__`."""

    def __init__(self, trunk: Path | None, heads: Path | None = None, device: torch.device | str = "cpu") -> None:
        """trunk: file of AlexNet's weights. heads: file of the linear heads; None uses that of the installed PyPI package lpips.

        Raises WeightsError (a UserError and a ValueError) if a file is missing, or lacks a tensor of its network.
        """
        from torchvision.models import alexnet  # takes a second to import

        if trunk is None:
            raise WeightsError(f"LPIPS needs the weights of its trunk, which no package carries: give the path of {TRUNK}")
        heads = packaged_heads() if heads is None else heads
        trunk_state, heads_state = load_state(trunk, TRUNK), load_state(heads, HEADS)
        self._device = torch.device(device)
        with torch.device("meta"):  # allocates and initialises nothing: LPIPS does not use the classifier
            layers = alexnet().features[:-1]  # without the last pooling layer
        layers.load_state_dict({name: take(trunk_state, f"features.{name}", trunk) for name in layers.state_dict()}, assign=True)
        self._layers = layers.to(device, memory_format=torch.channels_last).eval()
        self._heads = [take(heads_state, f"lin{i}.model.1.weight", heads).to(device) for i in range(5)]

    @torch.inference_mode()
    def __call__(self, fake_b: Tensor, real_b: Tensor) -> Tensor:
        """LPIPS of each pair: NCHW float RGB in [0, 1] -> (N,) float64 on the CPU. 0 for identical images, about 0.7 for unrelated ones.

        Raises ValueError if the two are not image batches of the same shape, or a side is below 31 pixels.
        """
        check_pairs(fake_b, real_b)
        if min(fake_b.shape[2:]) < SMALLEST:
            raise ValueError(f"LPIPS needs images of at least {SMALLEST} px, got {fake_b.shape[3]}x{fake_b.shape[2]} px")
        together = PAIRS if self._device.type == "cpu" else len(fake_b)
        return torch.cat([self._distances(*pairs) for pairs in zip(fake_b.split(together), real_b.split(together), strict=True)])

    def _distances(self, fake_b: Tensor, real_b: Tensor) -> Tensor:
        x = torch.cat([fake_b, real_b]).to(self._device, torch.float32) * 2 - 1
        x = (x - x.new_tensor(SHIFT).view(1, 3, 1, 1)) / x.new_tensor(SCALE).view(1, 3, 1, 1)
        x = x.contiguous(memory_format=torch.channels_last)
        distance = torch.zeros(len(fake_b), dtype=torch.float64, device=self._device)
        heads = iter(self._heads)
        for layer in self._layers:
            x = layer(x)
            if isinstance(layer, torch.nn.ReLU):
                fake, real = (x / (x.square().sum(1, keepdim=True).sqrt() + 1e-10)).chunk(2)
                distance += F.conv2d((fake - real).square(), next(heads)).double().mean((1, 2, 3))
        return distance.cpu()


def packaged_heads() -> Path:
    """Path of the heads' weights in the PyPI package lpips, without importing it. Raises WeightsError if it is not installed."""
    spec = importlib.util.find_spec("lpips")
    if spec is None or spec.origin is None:
        raise WeightsError(f"cannot find {HEADS}: pip install lpips, or give the path of the file")
    return Path(spec.origin).parent / "weights" / "v0.1" / "alex.pth"
