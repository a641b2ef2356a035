"""What every generator has, and what the rest of the program must know of one. `build.GENERATORS` lists them by name."""

from typing import ClassVar

from torch import nn

from pix2pix.config.model_settings import ModelSettings


class Generator(nn.Module):
    """(N, channels_in, H, W) float in [-1, 1] -> (N, channels_out, H, W) in [-1, 1]; made from (channels_in, channels_out, settings).

    A new one is a file with a subclass, and a line in `build.GENERATORS`.

    Attributes:
        description: what it is, in a few words, for the model card.
    """

    description: ClassVar[str]

    @classmethod
    def levels(cls, settings: ModelSettings) -> int:
        """How many times it halves height and width."""
        raise NotImplementedError

    @classmethod
    def multiple(cls, settings: ModelSettings) -> int:
        """Pixels that height and width must be multiples of."""
        return 2 ** cls.levels(settings)
