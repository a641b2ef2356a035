import os
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from pix2pix.errors import UserError
from pix2pix.metrics.lpips import Lpips, packaged_heads
from pix2pix.models.weights_file import WeightsError

REAL_DATA = os.environ.get("PIX2PIX_REAL_DATA")


@pytest.fixture(scope="module")
def trunk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the names and shapes of torchvision's AlexNet and random values."""
    generator, state = torch.Generator().manual_seed(0), {}
    for index, shape in ((0, (64, 3, 11, 11)), (3, (192, 64, 5, 5)), (6, (384, 192, 3, 3)), (8, (256, 384, 3, 3)), (10, (256, 256, 3, 3))):
        state[f"features.{index}.weight"] = nn.init.kaiming_normal_(torch.empty(shape), generator=generator)
        state[f"features.{index}.bias"] = torch.rand(shape[0], generator=generator) * 0.1
    path = tmp_path_factory.mktemp("weights") / "alexnet.pth"
    torch.save(state, path)
    return path


@pytest.fixture(scope="module")
def heads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Random non-negative heads, so that these tests run without the package lpips."""
    generator = torch.Generator().manual_seed(1)
    state = {f"lin{i}.model.1.weight": torch.rand(1, n, 1, 1, generator=generator) for i, n in enumerate((64, 192, 384, 256, 256))}
    path = tmp_path_factory.mktemp("weights") / "heads.pth"
    torch.save(state, path)
    return path


@pytest.fixture(scope="module")
def images() -> tuple[Tensor, Tensor]:
    a, b = torch.rand(2, 4, 3, 70, 64, generator=torch.Generator().manual_seed(2))
    return a, b * torch.tensor([0.1, 0.5, 0.9, 1.0]).view(4, 1, 1, 1)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_lpips_is_the_lpips_packages(trunk: Path, images: tuple[Tensor, Tensor]) -> None:
    package = pytest.importorskip("lpips", reason="the package lpips is not installed")
    oracle = package.LPIPS(net="alex", pnet_rand=True, verbose=False)
    state = torch.load(trunk, weights_only=True)
    for part in oracle.net.children():
        for index, layer in part.named_children():
            if isinstance(layer, nn.Conv2d):
                layer.load_state_dict({name: state[f"features.{index}.{name}"] for name in ("weight", "bias")})
    with torch.no_grad():
        expected = oracle(*images, normalize=True).flatten()
    distances = Lpips(trunk)(*images)
    assert distances.dtype == torch.float64
    torch.testing.assert_close(distances.float(), expected, rtol=0, atol=1e-5)


def test_lpips_of_a_pair_is_the_same_alone_and_in_any_batch(trunk: Path, heads: Path, images: tuple[Tensor, Tensor]) -> None:
    metric, (fake_b, real_b) = Lpips(trunk, heads), images
    together = metric(fake_b, real_b)
    alone = torch.cat([metric(fake_b[i : i + 1], real_b[i : i + 1]) for i in range(4)])
    torch.testing.assert_close(together, alone, rtol=1e-5, atol=0)
    torch.testing.assert_close(metric(fake_b.flip(0), real_b.flip(0)), together.flip(0), rtol=1e-5, atol=0)


def test_identical_images_are_at_distance_0_and_a_flat_one_gives_a_number(trunk: Path, heads: Path, images: tuple[Tensor, Tensor]) -> None:
    metric = Lpips(trunk, heads)
    assert metric(images[0], images[0]).tolist() == [0, 0, 0, 0]
    assert metric(torch.zeros(1, 3, 31, 31), images[0][:1, :, :31, :31]).isfinite().all()


def test_mistakes_are_the_users_and_name_the_way_out(trunk: Path, heads: Path, tmp_path: Path) -> None:
    for error in (UserError, ValueError):
        with pytest.raises(error, match="give the path of AlexNet's weights"):
            Lpips(None)
    with pytest.raises(WeightsError, match=r"no weights at .*absent\.pth"):
        Lpips(tmp_path / "absent.pth", heads)
    with pytest.raises(WeightsError, match=r"lacks the tensor 'features\.0\.weight'"):
        Lpips(heads, heads)
    with pytest.raises(ValueError, match="at least 31 px, got 40x30 px"):
        Lpips(trunk, heads)(torch.zeros(1, 3, 30, 40), torch.zeros(1, 3, 30, 40))


def test_without_the_package_the_message_says_what_to_install(trunk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lpips", None)
    with pytest.raises(WeightsError, match="pip install lpips"):
        Lpips(trunk)


@pytest.mark.skipif(REAL_DATA is None, reason="PIX2PIX_REAL_DATA names no folder with the real archives")
def test_the_published_trunk_and_heads_load_and_order_distortions_as_people_do(pairs: tuple[Tensor, Tensor]) -> None:
    published = Path(REAL_DATA or "").parent / "quality" / "alexnet_features_lpips.pth"
    if not published.is_file():
        pytest.skip(f"no {published}: the published trunk is not here")
    assert packaged_heads().is_file()
    distances = Lpips(published)(*pairs)  # noise grows from pair to pair
    assert distances.tolist() == sorted(distances.tolist())
