"""The interface of the engines, and the plain one."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

from torch import Tensor, nn


class Engine(Protocol):
    """How `TrainingStep` runs its forward and backward passes."""

    def compiled(self, function: Callable[..., Any], constant: Sequence[nn.Parameter] = ()) -> Callable[..., Any]:
        """`function` of tensors, or a faster one with the same result. `constant`: parameters whose gradients nobody asks for."""

    def forward(self) -> AbstractContextManager[object]:
        """Context of every forward pass."""

    def discriminate(self, discriminator: nn.Module, fake_pairs: Tensor, real_pairs: Tensor) -> tuple[Tensor, Tensor]:
        """D's logits of fakes and of real pairs, (N, channels, H, W) each; each batch is normalised by itself, fakes first."""

    def backward(self, loss: Tensor, parameters: Sequence[nn.Parameter], update: Callable[[], None] | None = None) -> None:
        """Add the gradients of `parameters`, and of no others, to their `grad`.

        An engine may call `update` when some gradients are complete; it updates those parameters and drops their gradients.
        """


class PlainEngine:
    """All work in the order in which it is written down."""

    def compiled(self, function: Callable[..., Any], constant: Sequence[nn.Parameter] = ()) -> Callable[..., Any]:
        """`function` itself."""
        return function

    def forward(self) -> AbstractContextManager[object]:
        """No context."""
        return nullcontext()

    def discriminate(self, discriminator: nn.Module, fake_pairs: Tensor, real_pairs: Tensor) -> tuple[Tensor, Tensor]:
        """Two forward passes."""
        return discriminator(fake_pairs), discriminator(real_pairs)

    def backward(self, loss: Tensor, parameters: Sequence[nn.Parameter], update: Callable[[], None] | None = None) -> None:
        """Autograd's backward pass; `update` is not called."""
        loss.backward(inputs=parameters)
