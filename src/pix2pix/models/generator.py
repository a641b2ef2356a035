"""Base class of the generators. `build.GENERATORS` registers them by name."""

from collections.abc import Iterable
from typing import ClassVar

from torch import nn

from pix2pix.config.model_settings import ModelSettings


class Generator(nn.Module):
    """Base class: (N, channels_in, H, W) float in [-1, 1] -> (N, channels_out, H, W) in [-1, 1].

    Constructed from (channels_in, channels_out, settings). To add a generator, write a subclass and register it in `build.GENERATORS`.

    Attributes:
        description: a short description for the model card.
    """

    description: ClassVar[str]

    def encoder(self) -> Iterable[nn.Module]:
        """The layers that halve the input, which `train.freeze: encoder` leaves as they are."""
        raise NotImplementedError

    @classmethod
    def levels(cls, settings: ModelSettings) -> int:
        """How many times the generator halves height and width."""
        raise NotImplementedError

    @classmethod
    def multiple(cls, settings: ModelSettings) -> int:
        """Height and width of the input must be multiples of this number of pixels."""
        return 2 ** cls.levels(settings)
