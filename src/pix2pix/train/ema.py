"""Exponential moving average (EMA) of the generator: Yazici et al., The Unusual Effectiveness of Averaging in GAN Training, 2018."""

import copy

import torch
from torch import Tensor, nn


class EMA:
    """Average of a generator's weights, updated as decay * average + (1 - decay) * weights. Decay 0 turns it off, at no cost."""

    def __init__(self, generator: nn.Module, decay: float) -> None:
        self._generator, self._decay = generator, decay
        self._average = copy.deepcopy(generator).requires_grad_(False) if decay else None

    @torch.no_grad()
    def update(self) -> None:
        """Update the average after one training step. Batch-norm buffers are copied, not averaged."""
        if self._average is not None:
            torch._foreach_lerp_(list(self._average.parameters()), list(self._generator.parameters()), 1 - self._decay)
            for average, now in zip(self._average.buffers(), self._generator.buffers(), strict=True):
                average.copy_(now)

    def network(self) -> nn.Module:
        """Return the averaged generator, or the generator itself if the decay is 0."""
        return self._generator if self._average is None else self._average

    def state(self) -> dict[str, Tensor]:
        """Return the state dict of the average, for `load_state`; empty if the decay is 0."""
        return {} if self._average is None else dict(self._average.state_dict())

    def load_state(self, state: dict[str, Tensor]) -> None:
        """Restore a state from `state`."""
        if self._average is not None:
            self._average.load_state_dict(state)
