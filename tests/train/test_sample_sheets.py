"""The discriminator's opinion as a picture."""

import torch
from torch import Tensor

from pix2pix.config.model_settings import ModelSettings
from pix2pix.models.build import DISCRIMINATORS, build_discriminator
from pix2pix.models.discriminator import Discriminator
from pix2pix.models.inference_mode import prepare_for_inference
from pix2pix.train.sample_sheets import patch_map


class Halves(Discriminator):
    """Takes the left half for real and the right half for made."""

    def forward(self, pair: Tensor) -> Tensor:
        """Two patches."""
        return torch.tensor([[[[50.0, -50.0]]]]).expand(len(pair), 1, 1, 2)


def test_real_is_white_made_is_black_and_undecided_is_grey() -> None:
    real_a, b = torch.zeros(2, 2, 3, 8, 6).unbind()
    picture = patch_map(Halves(), real_a, b)
    assert picture.shape == (2, 8, 6, 3) and picture.dtype == torch.uint8
    assert (picture[:, :, :3] == 255).all() and (picture[:, :, 3:] == 0).all()


class Whole(Discriminator):
    """Gives one logit for each image, and no patches."""

    def forward(self, pair: Tensor) -> Tensor:
        """As many as images."""
        return pair.mean((1, 2, 3)) * 100


def test_logits_that_are_no_image_give_one_grey() -> None:
    picture = patch_map(Whole(), *-torch.ones(2, 2, 3, 8, 6))
    assert picture.shape == (2, 8, 6, 3) and (picture == 0).all()


def test_every_discriminator_has_one_and_is_left_as_it_was() -> None:
    for kind in DISCRIMINATORS:
        discriminator = build_discriminator(6, ModelSettings(ngf=2, ndf=2, crop_size=32, discriminator=kind, discriminator_layers=2))
        before = {name: value.clone() for name, value in discriminator.state_dict().items()}
        picture = patch_map(prepare_for_inference(discriminator, "running"), *torch.rand(2, 1, 3, 32, 32).unbind())
        assert picture.shape == (1, 32, 32, 3)
        assert all(torch.equal(value, before[name]) for name, value in discriminator.state_dict().items())
