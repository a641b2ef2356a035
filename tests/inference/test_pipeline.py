"""A generator as a function of images: any size, blind to its neighbours, noise by seed, and a fast way as good as the plain one."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from pix2pix.inference.faster import Bfloat16, ChannelsLastStatistics, Phases, faster
from pix2pix.inference.noise import Noise, SeededDropout
from pix2pix.inference.pipeline import ImageToImage, reflected
from pix2pix.models.inference_mode import InstanceStatistics, prepare_for_inference
from tests.inference.models import model, noise_image

KINDS = {
    "pairs": model(),
    "colour": model("lab", "AtoB"),
    "lightness": model("lab", "BtoA"),
    "resnet": model(generator="resnet"),
    "instance": model(norm="running", upsample="resize"),
    "bottleneck": model(bottleneck_norm=True),
}


def images(*shape: int, seed: int = 0) -> Tensor:
    return torch.from_numpy(np.stack([noise_image(shape[1], shape[2], seed + place) for place in range(shape[0])]))


def off() -> Tensor:
    return torch.tensor([-1])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [(32, 32), (1, 1), (33, 31), (7, 100)])
def test_every_size_comes_back_as_it_was(kind: str, size: tuple[int, int]) -> None:
    out = ImageToImage(KINDS[kind])(images(2, *size), off())
    assert out.shape == (2, *size, 3) and out.dtype == torch.uint8


def test_at_the_training_size_it_is_the_generator_and_nothing_else() -> None:
    image = images(1, 32, 32)
    expected = prepare_for_inference(KINDS["pairs"].generator, "running")(image.permute(0, 3, 1, 2).float() / 127.5 - 1)
    levels = (expected[0].permute(1, 2, 0) * 127.5 + 127.5).round()
    assert (ImageToImage(KINDS["pairs"])(image, off())[0].float() - levels).abs().max() <= 1


@pytest.mark.parametrize(("length", "multiple"), [(1, 4), (3, 4), (4, 4), (5, 8), (2, 8)])
def test_padding_is_numpys_reflection_as_far_as_that_goes(length: int, multiple: int) -> None:
    rows = torch.arange(length).view(1, 1, length, 1)
    padded = reflected(rows, multiple)[0, 0, :, 0].tolist()
    assert len(padded) % multiple == 0 and len(padded) - length < multiple
    whole = np.pad(np.arange(length), (0, length - 1), mode="reflect").tolist()
    assert padded == (whole + [0] * multiple)[: len(padded)]


@pytest.mark.parametrize("norm", ["batch", "running"])
def test_an_image_comes_out_the_same_whoever_is_beside_it(norm: str) -> None:
    pipeline, image = ImageToImage(model(), norm), images(1, 40, 40)
    for seed in (off(), torch.tensor([5])):
        alone = pipeline(image, seed)
        among = pipeline(torch.cat([image, images(3, 40, 40, seed=9)]), seed)[:1]
        assert (alone.int() - among.int()).abs().max() <= 1


def test_a_colouring_keeps_the_lightness_of_its_input() -> None:
    grey = images(1, 32, 32)[..., :1].repeat(1, 1, 1, 3) // 2 + 64
    found = ImageToImage(KINDS["colour"])(grey, off()).float()
    luma = (found * torch.tensor([0.2126, 0.7152, 0.0722])).sum(-1)
    assert np.corrcoef(luma.flatten(), grey[..., 0].flatten())[0, 1] > 0.9


def test_a_seed_is_one_output_and_another_seed_another() -> None:
    pipeline, image = ImageToImage(model()), images(1, 32, 32)
    drawn = [pipeline(image, torch.tensor([seed])) for seed in (0, 0, 1, 2**40)]
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2]) and not torch.equal(drawn[0], drawn[3])
    assert not torch.equal(drawn[0], pipeline(image, off()))


def test_without_dropout_a_seed_changes_nothing_and_the_model_says_so() -> None:
    pipeline, image = ImageToImage(model(dropout=0.0)), images(1, 32, 32)
    assert not pipeline.description.noise and ImageToImage(model()).description.noise
    assert torch.equal(pipeline(image, off()), pipeline(image, torch.tensor([7])))


@pytest.mark.parametrize("p", [0.2, 0.5])
def test_noise_drops_its_share_anew_for_each_seed_layer_and_place(p: float) -> None:
    x, masks = torch.ones(1, 64, 32, 32), []
    for seed, layer in ((0, 0), (1, 0), (0, 1)):
        noise = Noise()
        noise.seed = torch.tensor([seed])
        masks.append(SeededDropout(p, layer, noise)(x))
    for mask in masks:
        assert mask.unique().tolist() == pytest.approx([0, 1 / (1 - p)])
        assert (mask == 0).float().mean().item() == pytest.approx(p, abs=0.01)
        for beside in (mask.roll(1, 3), mask.roll(1, 2), mask.roll(1, 1)):
            assert abs(np.corrcoef(mask.flatten(), beside.flatten())[0, 1]) < 0.02
    assert abs(np.corrcoef(masks[0].flatten(), masks[1].flatten())[0, 1]) < 0.02
    assert abs(np.corrcoef(masks[0].flatten(), masks[2].flatten())[0, 1]) < 0.02


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("norm", ["batch", "running"])
@pytest.mark.parametrize("size", [(40, 33), (64, 64)])
def test_the_fast_way_draws_what_the_plain_way_draws(kind: str, norm: str, size: tuple[int, int]) -> None:
    plain, image = ImageToImage(KINDS[kind], norm), images(2, *size)
    for seed in (off(), torch.tensor([3])):
        gap = (faster(plain)(image, seed).int() - plain(image, seed).int()).abs()
        assert gap.max() <= 1 and gap.float().mean() < 0.01


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("norm", ["batch", "running"])
def test_bfloat16_is_near_and_depends_on_nothing_else_in_the_batch(kind: str, norm: str) -> None:
    plain, image = ImageToImage(KINDS[kind], norm), images(2, 64, 33)
    halved = faster(plain)
    halved.generator = Bfloat16(halved.generator)
    drawn = halved(image, off())
    gap = (drawn.int() - plain(image, off()).int()).abs()
    # 8 binary digits through some 10 layers; a colour between two answers may turn
    assert 0 < gap.float().mean() < 3
    assert (halved(image[:1], off()).int() - drawn[:1].int()).abs().float().mean() < 0.5


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (40, 33)])
@pytest.mark.parametrize(("precision", "apart"), [(torch.float32, 1e-5), (torch.bfloat16, 0.05)])
def test_an_image_s_statistics_are_the_same_in_either_order_of_its_values(
    size: tuple[int, int], precision: torch.dtype, apart: float
) -> None:
    learnt = nn.BatchNorm2d(6)
    nn.init.normal_(learnt.weight)
    nn.init.normal_(learnt.bias)
    plain, x = InstanceStatistics(learnt), torch.randn(3, 6, *size) * 3 + 5
    for given in (x, x.to(memory_format=torch.channels_last)):
        drawn = ChannelsLastStatistics(plain)(given.to(precision))
        torch.testing.assert_close(drawn.float(), plain(given), rtol=0, atol=apart)
        assert drawn.dtype == precision


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (8, 8)])
def test_four_phases_are_the_transposed_convolution(size: tuple[int, int]) -> None:
    conv = nn.ConvTranspose2d(6, 3, 4, stride=2, padding=1)
    x = torch.randn(2, 6, *size)
    torch.testing.assert_close(Phases(conv)(x), conv(x), rtol=0, atol=1e-5)
