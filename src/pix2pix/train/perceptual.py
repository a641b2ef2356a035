"""LPIPS on SqueezeNet 1.1 (Zhang et al. 2018, version 0.1) as a term of the generator's loss."""

import importlib.util
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.models import squeezenet1_1

from pix2pix.models.weights_file import WeightsError, load_state, take

TRUNK = "SqueezeNet 1.1's weights under torchvision's names (https://download.pytorch.org/models/squeezenet1_1-b8a52dc0.pth)"
HEADS = "the linear heads of LPIPS 0.1 for SqueezeNet (lpips/weights/v0.1/squeeze.pth of PyPI's lpips)"
SHA256_PREFIX = "b8a52dc0"  # of the trunk's file; torchvision puts it in the file name
SHIFT, SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)  # applied to images in [-1, 1]
COMPARED = (1, 4, 7, 9, 10, 11, 12)  # layers of torchvision's `features` whose outputs have a head


class MaxPool(nn.Module):
    """3x3 max pooling with stride 2 and ceil_mode=True.

    Built from elementwise maxima, because the gradient of PyTorch's max pooling is not deterministic on CUDA.
    """

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C, ceil((H - 1) / 2), ceil((W - 1) / 2))."""
        for dim in (2, 3):
            x = x.transpose(dim, 3)
            if x.shape[3] % 2 == 0:
                x = torch.cat([x, x[..., -1:]], dim=3)
            x = torch.maximum(torch.maximum(x[..., 0:-2:2], x[..., 1:-1:2]), x[..., 2::2])
            x = x.transpose(dim, 3)
        return x


class Perceptual:
    """Mean LPIPS-SqueezeNet of a batch, differentiable in the fake. It has no trainable parameters."""

    def __init__(self, trunk: Path, heads: Path | None, device: torch.device, *, sha256_prefix: str = SHA256_PREFIX) -> None:
        """Load both networks' weights.

        trunk: file with SqueezeNet's weights. heads: file with the linear heads; None uses the installed PyPI package `lpips`.

        Raises WeightsError (a UserError) if a file is missing or belongs to another network.
        """
        heads = _packaged_heads() if heads is None else heads
        trunk_state, heads_state = load_state(trunk, TRUNK, sha256_prefix), load_state(heads, HEADS)
        layers = squeezenet1_1(weights=None).features[: COMPARED[-1] + 1]
        layers.load_state_dict({name: take(trunk_state, f"features.{name}", trunk) for name in layers.state_dict()})
        self._layers = nn.Sequential(*(MaxPool() if isinstance(layer, nn.MaxPool2d) else layer for layer in layers))
        self._layers.to(device).eval().requires_grad_(False)
        self._heads = [take(heads_state, f"lin{i}.model.1.weight", heads).to(device) for i in range(len(COMPARED))]
        self._shift = torch.tensor(SHIFT, device=device).view(1, 3, 1, 1)
        self._scale = torch.tensor(SCALE, device=device).view(1, 3, 1, 1)

    def __call__(self, fake_b: Tensor, real_b: Tensor) -> Tensor:
        """Mean distance of two batches, NCHW float RGB in [-1, 1] -> scalar: 0 for identical images, about 0.7 for unrelated ones."""
        with torch.no_grad():
            real = self._features(real_b)
        fake = self._features(fake_b)
        return torch.stack([F.conv2d((a - b).square(), head).mean() for a, b, head in zip(fake, real, self._heads, strict=True)]).sum()

    def _features(self, images: Tensor) -> list[Tensor]:
        """Outputs of the compared layers, with the feature vector of each pixel scaled to length 1."""
        x, found = (images - self._shift) / self._scale, []
        for index, layer in enumerate(self._layers):
            x = layer(x)
            if index in COMPARED:
                # 1e-20 keeps the gradient of sqrt finite at a zero vector and changes no other value
                found.append(x.float() / ((x.float().square().sum(1, keepdim=True) + 1e-20).sqrt() + 1e-10))
        return found


def _packaged_heads() -> Path:
    spec = importlib.util.find_spec("lpips")
    if spec is None or spec.origin is None:
        raise WeightsError(f"cannot find {HEADS}: pip install lpips")
    return Path(spec.origin).parent / "weights" / "v0.1" / "squeeze.pth"
