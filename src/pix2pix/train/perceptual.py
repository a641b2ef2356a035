"""LPIPS on SqueezeNet 1.1 (Zhang et al. 2018, version 0.1) as a term of the generator's loss."""

import importlib.util
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from pix2pix.models.weights_file import WeightsError, load_state, take

TRUNK = "SqueezeNet 1.1's weights under torchvision's names (https://download.pytorch.org/models/squeezenet1_1-b8a52dc0.pth)"
HEADS = "the linear heads of LPIPS 0.1 for SqueezeNet (lpips/weights/v0.1/squeeze.pth of PyPI's lpips)"
SHA256_PREFIX = "b8a52dc0"  # the trunk's, as its name says
SHIFT, SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)  # of the images in [-1, 1]
FIRES = (3, 4, 6, 7, 9, 10, 11, 12)  # torchvision's indices of the fire modules
POOLED_BEFORE = (3, 6, 9)
COMPARED_AFTER = (0, 4, 7, 9, 10, 11, 12)  # the layers that have a head; 0 is the first convolution


class Perceptual:
    """Mean LPIPS-SqueezeNet of a batch, differentiable in the fake, without parameters of its own."""

    def __init__(self, trunk: Path, heads: Path | None, device: torch.device, *, sha256_prefix: str = SHA256_PREFIX) -> None:
        """trunk: file of SqueezeNet's weights. heads: file of the linear heads; None takes it from the installed PyPI package lpips.

        Raises WeightsError (a UserError) when either is missing or is another network's.
        """
        heads = _packaged_heads() if heads is None else heads
        trunk_state, heads_state = load_state(trunk, TRUNK, sha256_prefix), load_state(heads, HEADS)
        names = ["0", *(f"{fire}.{part}" for fire in FIRES for part in ("squeeze", "expand1x1", "expand3x3"))]
        self._weights = {
            name: tuple(take(trunk_state, f"features.{name}.{kind}", trunk).to(device) for kind in ("weight", "bias")) for name in names
        }
        self._heads = [take(heads_state, f"lin{i}.model.1.weight", heads).to(device) for i in range(len(COMPARED_AFTER))]
        self._shift = torch.tensor(SHIFT, device=device).view(1, 3, 1, 1)
        self._scale = torch.tensor(SCALE, device=device).view(1, 3, 1, 1)

    def __call__(self, fake_b: Tensor, real_b: Tensor) -> Tensor:
        """NCHW float RGB in [-1, 1] twice -> scalar; 0 for identical images, some 0.7 for unrelated ones."""
        with torch.no_grad():
            real = self._described(real_b)
        distances = [
            F.conv2d((mine - its).square(), head).mean() for mine, its, head in zip(self._described(fake_b), real, self._heads, strict=True)
        ]
        return torch.stack(distances).sum()

    def _described(self, images: Tensor) -> list[Tensor]:
        """Each compared layer's output, every position's vector at length 1."""
        x = F.relu(self._conv((images - self._shift) / self._scale, "0", stride=2))
        found = [x]
        for index in FIRES:
            x = self._fire(_pooled(x) if index in POOLED_BEFORE else x, index)
            if index in COMPARED_AFTER:
                found.append(x)
        # the root's slope is infinite where a vector is 0: a tiny number keeps it finite, and changes no digit of a float32 elsewhere
        return [x.float() / ((x.float().square().sum(1, keepdim=True) + 1e-20).sqrt() + 1e-10) for x in found]

    def _fire(self, x: Tensor, index: int) -> Tensor:
        x = F.relu(self._conv(x, f"{index}.squeeze"))
        return F.relu(torch.cat([self._conv(x, f"{index}.expand1x1"), self._conv(x, f"{index}.expand3x3", padding=1)], dim=1))

    def _conv(self, x: Tensor, name: str, stride: int = 1, padding: int = 0) -> Tensor:
        weight, bias = self._weights[name]
        return F.conv2d(x, weight, bias, stride, padding)


def _pooled(x: Tensor) -> Tensor:
    """3x3 max pool of stride 2 that keeps a cut window at the end.

    Of elementwise maxima, as the gradient of PyTorch's own is not deterministic on CUDA.
    """
    for dim in (2, 3):
        x = x.transpose(dim, 3)
        if x.shape[3] % 2 == 0:
            x = torch.cat([x, x[..., -1:]], dim=3)
        x = torch.maximum(torch.maximum(x[..., 0:-2:2], x[..., 1:-1:2]), x[..., 2::2])
        x = x.transpose(dim, 3)
    return x


def _packaged_heads() -> Path:
    spec = importlib.util.find_spec("lpips")
    if spec is None or spec.origin is None:
        raise WeightsError(f"cannot find {HEADS}: pip install lpips")
    return Path(spec.origin).parent / "weights" / "v0.1" / "squeeze.pth"
