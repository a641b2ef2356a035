"""Exponential moving average of the generator's weights: Yazici et al., The Unusual Effectiveness of Averaging in GAN Training, 2018."""

import copy

import torch
from torch import Tensor, nn


class EMA:
    """Average of a generator's weights with a decay for each update; decay 0 is the generator itself, at no cost."""

    def __init__(self, generator: nn.Module, decay: float) -> None:
        self._generator, self._decay = generator, decay
        self._average = copy.deepcopy(generator).requires_grad_(False) if decay else None

    @torch.no_grad()
    def update(self) -> None:
        """Add the generator's present weights to the average; statistics of batch normalisation are copied."""
        if self._average is not None:
            torch._foreach_lerp_(list(self._average.parameters()), list(self._generator.parameters()), 1 - self._decay)
            for average, now in zip(self._average.buffers(), self._generator.buffers(), strict=True):
                average.copy_(now)

    def network(self) -> nn.Module:
        """The averaged generator, or the generator itself without averaging."""
        return self._generator if self._average is None else self._average

    def state(self) -> dict[str, Tensor]:
        """For `load_state`."""
        return {} if self._average is None else dict(self._average.state_dict())

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Restore what `state` returned."""
        if self._average is not None:
            self._average.load_state_dict(state)
