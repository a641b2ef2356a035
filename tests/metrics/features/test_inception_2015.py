from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pix2pix.metrics.feature_set import GaussianStatistics
from pix2pix.metrics.features.extractor import tensorflow1_bilinear
from pix2pix.metrics.features.inception_2015 import Inception2015Features
from pix2pix.metrics.frechet import frechet_distance
from pix2pix.models.weights_file import WeightsError


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the names and shapes of pt_inception-2015-12-05-6726825d.pth and random values that keep the features alive."""
    torchvision = pytest.importorskip("torchvision", reason="torchvision is not installed: no one to take the network's shapes from")
    net = torchvision.models.inception_v3(weights=None, init_weights=False, aux_logits=False, num_classes=1008)
    generator = torch.Generator().manual_seed(0)
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, generator=generator)
        if isinstance(module, nn.BatchNorm2d):
            for parameter, low, high in ((module.weight, 0.8, 1.2), (module.bias, -0.1, 0.1)):
                nn.init.uniform_(parameter, low, high, generator=generator)
            module.running_mean.uniform_(-0.1, 0.1, generator=generator)
            module.running_var.uniform_(0.8, 1.2, generator=generator)
    path = tmp_path_factory.mktemp("weights") / "inception.pth"
    torch.save(net.state_dict(), path)
    return path


@pytest.fixture(scope="module")
def extractor(weights: Path) -> Inception2015Features:
    return Inception2015Features(weights, sha256_prefix="")


@pytest.fixture(scope="module")
def images() -> Tensor:
    """Two sets of four pictures, one after the other; the second is darker and coarser."""
    generator = torch.Generator().manual_seed(1)
    fine = F.interpolate(torch.rand(4, 3, 24, 24, generator=generator), (64, 72), mode="bilinear")
    coarse = F.interpolate(torch.rand(4, 3, 5, 5, generator=generator), (64, 72), mode="bilinear") * 0.6
    return torch.cat([fine, coarse])


def test_fid_is_torch_fidelitys_with_the_same_weights_file(weights: Path, extractor: Inception2015Features, images: Tensor) -> None:
    reason = "torch-fidelity is not installed"
    their_extractors = pytest.importorskip("torch_fidelity.feature_extractor_inceptionv3", reason=reason)
    metric_fid = pytest.importorskip("torch_fidelity.metric_fid", reason=reason)
    theirs = their_extractors.FeatureExtractorInceptionV3("inception", ["2048"], feature_extractor_weights_path=str(weights))
    features = theirs((images * 255).round().to(torch.uint8))[0]
    ours = extractor(images)
    torch.testing.assert_close(ours, features, rtol=1e-3, atol=1e-4 * features.abs().max().item())

    # The distance does not change in coordinates of the span of all features, where torch-fidelity's eigenvalues take no time.
    basis = torch.linalg.qr(features.double().T).Q
    their_statistics = [metric_fid.fid_features_to_statistics(part.double() @ basis) for part in features.split(4)]
    oracle = metric_fid.fid_statistics_to_metric(*their_statistics, verbose=False)["frechet_inception_distance"]
    our_statistics = [GaussianStatistics(extractor.dims) for _ in range(2)]
    for statistics, part in zip(our_statistics, ours.split(4), strict=True):
        statistics.update(part)
    assert frechet_distance(*our_statistics) == pytest.approx(oracle, rel=1e-3)


def test_features_do_not_depend_on_the_batch(extractor: Inception2015Features, images: Tensor) -> None:
    together = extractor(images[2:5])
    alone = torch.cat([extractor(image[None]) for image in images[2:5]])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5 * together.abs().max().item())


@pytest.mark.parametrize("size", [(64, 72), (299, 299), (400, 310), (1, 1)], ids=str)
def test_the_resize_is_torch_fidelitys(size: tuple[int, int]) -> None:
    compat = pytest.importorskip("torch_fidelity.interpolate_compat_tensorflow", reason="torch-fidelity is not installed")
    pixels = torch.randint(0, 256, (2, 3, *size), generator=torch.Generator().manual_seed(2)).float()
    oracle = compat.interpolate_bilinear_2d_like_tensorflow1x(pixels, size=(299, 299), align_corners=False)
    torch.testing.assert_close(tensorflow1_bilinear(pixels / 255, 299), oracle, rtol=0, atol=1e-3)


def test_another_file_is_refused_unless_it_is_asked_for(weights: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="instead of 6726825d"):
        Inception2015Features(weights)
    with pytest.raises(WeightsError, match=r"absent\.pth: expected the 2015 Inception-v3 weights"):
        Inception2015Features(tmp_path / "absent.pth")
    torch.save({"fc.weight": torch.zeros(1)}, tmp_path / "other.pth")
    with pytest.raises(WeightsError, match="lacks the tensor"):
        Inception2015Features(tmp_path / "other.pth", sha256_prefix="")
