"""Adam, on the CPU over views of channels_last weights.

`python -m benchmarks training` has a row for it, beside PyTorch's own.
"""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from pix2pix.config.train_settings import TrainSettings


def make_adam(parameters: Iterable[nn.Parameter], settings: TrainSettings, device: torch.device) -> torch.optim.Adam:
    """The optimiser that `train.adam` asks for; fused on CUDA, it can be captured, with its learning rate in a tensor."""
    on_cuda, fused = device.type == "cuda", settings.adam == "fused"
    kind = torch.optim.Adam if on_cuda else ViewAdam
    return kind(
        parameters,
        lr=torch.tensor(settings.lr, device=device) if on_cuda and fused else settings.lr,
        betas=(settings.beta1, settings.beta2),
        fused=fused,
        foreach=None if fused else False,
        capturable=on_cuda and fused,
    )


class ViewAdam(torch.optim.Adam):
    """torch.optim.Adam, with the same bits, on views of the weights that are contiguous in memory.

    On the CPU the fused kernel of PyTorch 2.15 copies every channels_last gradient to contiguous memory and then does not read the copy.
    `state` and `param_groups` are the views'.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], **settings: Any) -> None:
        """`settings` as of torch.optim.Adam."""
        self._trained = list(parameters)
        self._permuted = [_is_channels_last(parameter) for parameter in self._trained]
        self._views = [_view(p.detach(), permuted) for p, permuted in zip(self._trained, self._permuted, strict=True)]
        super().__init__(self._views, **settings)

    def step(self, closure: Any = None) -> Any:
        """Update the weights that have a gradient, whose memory format is the weight's."""
        for parameter, view, permuted in zip(self._trained, self._views, self._permuted, strict=True):
            view.grad = None if parameter.grad is None else _view(parameter.grad, permuted)
        return super().step(closure)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Drop the gradients."""
        assert set_to_none
        for tensor in (*self._trained, *self._views):
            tensor.grad = None


def _is_channels_last(parameter: Tensor) -> bool:
    return parameter.dim() == 4 and not parameter.is_contiguous() and parameter.is_contiguous(memory_format=torch.channels_last)


def _view(tensor: Tensor, permuted: bool) -> Tensor:
    return tensor.permute(0, 2, 3, 1) if permuted else tensor
