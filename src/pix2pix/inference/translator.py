"""A trained generator as a function of RGB pictures: what `predict` calls and what `export` writes down."""

import torch
from torch import Tensor, nn

from pix2pix.data.colour_planes import LAB_UNIT
from pix2pix.data.lab import rgb_to_lab
from pix2pix.inference.noise import seed_dropout
from pix2pix.inference.padding import reflected
from pix2pix.models.files import SavedModel
from pix2pix.models.inference_mode import ready

NO_NOISE = -1  # as the seed: nothing is dropped, what the stage infer does
_RESNET_MULTIPLE = 8  # two halvings, and at least two pixels for the reflected borders of its blocks


class Translator(nn.Module):
    """8-bit RGB pictures -> 8-bit RGB pictures of the same size, with all that lies between: padding, Lab, normalisation, noise.

    Attributes:
        norm: whose statistics normalise: `batch`, each picture's own, or `running`, those of the training.
        noisy: whether a seed makes any difference.
        multiple: pixels that height and width are padded to multiples of.
    """

    def __init__(self, model: SavedModel, norm: str | None = None) -> None:
        """norm: batch, running, or None for what fits the training."""
        super().__init__()
        self.norm = norm or model.norm
        self.generator = ready(model.generator, self.norm)
        self.planes = model.planes
        self.multiple = model.settings.crop_size if model.settings.generator == "unet" else _RESNET_MULTIPLE
        self.noise = seed_dropout(self.generator)
        self.eval()

    @property
    def noisy(self) -> bool:
        """Whether a seed makes any difference."""
        return self.noise is not None

    def forward(self, image: Tensor, seed: Tensor) -> Tensor:
        """(N, H, W, 3) uint8 RGB and a seed, (1,) int64, below 0 for no noise -> (N, H, W, 3) uint8 RGB.

        The output for a picture depends on nothing else in its batch.
        """
        height, width = image.shape[1], image.shape[2]
        real_a = self._real_a(reflected(image.permute(0, 3, 1, 2), self.multiple))
        if self.noise is not None:
            # a graph must hold both cases; here nothing is worked out for noise that is off
            self.noise.seed = seed if torch.compiler.is_exporting() or int(seed) >= 0 else None
        fake_b = self.generator(real_a)
        output = self.planes.output_rgb(real_a, fake_b)
        if not torch.compiler.is_exporting() and output.shape == image.shape:  # in this order: to ask a graph is to tie it to sizes
            return output
        # by index, like the padding: slices would tie a graph to sizes that need some
        return output.index_select(1, torch.arange(height, device=image.device)).index_select(2, torch.arange(width, device=image.device))

    def _real_a(self, planes: Tensor) -> Tensor:
        """(N, 3, H, W) uint8 RGB -> what the network was trained on, through the same door as prepared images."""
        if self.planes.input == "rgb":
            return self.planes.split(planes)[0]
        lab = (rgb_to_lab(planes.float() / 255) * LAB_UNIT).round()
        ordered = lab if self.planes.input == "L" else torch.cat([lab[:, 1:], lab[:, :1]], dim=1)
        return self.planes.split(ordered)[0]
