"""Adam over weights that lie in memory in another order than their index."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn


class Adam(torch.optim.Adam):
    """torch.optim.Adam, the same numbers, on views of the weights whose index follows their memory.

    On the CPU the fused kernel of PyTorch 2.15 copies every gradient that is channels_last into the other order and then does not read the
    copy: a tenth of a training step. Of views there is nothing to copy. `state` and `param_groups` are the views'.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], **settings: Any) -> None:
        """`settings` as of torch.optim.Adam."""
        self._trained = list(parameters)
        self._reordered = [_is_reordered(parameter) for parameter in self._trained]
        self._views = [_view(p.detach(), reordered) for p, reordered in zip(self._trained, self._reordered, strict=True)]
        super().__init__(self._views, **settings)

    def step(self, closure: Any = None) -> Any:
        """Update the weights that have a gradient, which lies as its weight does."""
        for parameter, view, reordered in zip(self._trained, self._views, self._reordered, strict=True):
            view.grad = None if parameter.grad is None else _view(parameter.grad, reordered)
        return super().step(closure)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Take the weights' gradients away."""
        assert set_to_none
        for tensor in (*self._trained, *self._views):
            tensor.grad = None


def _is_reordered(parameter: Tensor) -> bool:
    return parameter.dim() == 4 and not parameter.is_contiguous() and parameter.is_contiguous(memory_format=torch.channels_last)


def _view(tensor: Tensor, reordered: bool) -> Tensor:
    return tensor.permute(0, 2, 3, 1) if reordered else tensor
