"""Adam, on the CPU over views of channels_last weights.

An update of 54 million weights takes a quarter of the time of PyTorch's own (benchmarks/results/2026-11-30-training.md).
"""

from collections.abc import Iterable, Mapping, Sequence
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


def moments(optimizer: torch.optim.Adam, names: Sequence[str]) -> dict[str, Tensor]:
    """Adam's state as `<name>.exp_avg`, …, in the shape of the parameter, whatever the memory format.

    names: of the optimiser's parameters, in their order. Parameters without an update have no state.
    """
    return {
        f"{name}.{key}": value.permute(0, 3, 1, 2) if permuted and value.dim() == 4 else value
        for name, held, permuted in _named(optimizer, names)
        for key, value in optimizer.state.get(held, {}).items()
    }


def state_of_moments(optimizer: torch.optim.Adam, names: Sequence[str], saved: Mapping[str, Tensor]) -> dict[str, Any] | None:
    """What `moments` returned for these parameters, or for more, as a state dict of `optimizer`; None if it was for others."""
    state: dict[int, dict[str, Tensor]] = {}
    for index, (name, held, permuted) in enumerate(_named(optimizer, names)):
        found = {key: saved.get(f"{name}.{key}") for key in ("step", "exp_avg", "exp_avg_sq")}
        state[index] = {key: _view(value, permuted) for key, value in found.items() if value is not None}
        if [value.shape for value in state[index].values()] != [torch.Size(), held.shape, held.shape]:
            return None
        for key in ("exp_avg", "exp_avg_sq"):  # a fused kernel needs the parameter's own strides
            state[index][key] = torch.empty_like(held).copy_(state[index][key])
    return {"state": state, "param_groups": optimizer.state_dict()["param_groups"]}


def _named(optimizer: torch.optim.Adam, names: Sequence[str]) -> list[tuple[str, Tensor, bool]]:
    """Name, parameter as the optimiser holds it, and whether that is a permuted view, of each parameter."""
    held = optimizer.param_groups[0]["params"]
    return list(zip(names, held, optimizer.permuted if isinstance(optimizer, ViewAdam) else [False] * len(held), strict=True))


class ViewAdam(torch.optim.Adam):
    """torch.optim.Adam, with the same bits, on views of the weights that are contiguous in memory.

    On the CPU the fused kernel of PyTorch 2.15 copies every channels_last gradient to contiguous memory and then does not read the copy.
    `state` and `param_groups` are the views'.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], **settings: Any) -> None:
        """`settings` as of torch.optim.Adam."""
        self._trained = list(parameters)
        self.permuted = [_is_channels_last(parameter) for parameter in self._trained]
        self._views = [_view(p.detach(), permuted) for p, permuted in zip(self._trained, self.permuted, strict=True)]
        super().__init__(self._views, **settings)

    def step(self, closure: Any = None) -> Any:
        """Update the weights that have a gradient, whose memory format is the weight's."""
        for parameter, view, permuted in zip(self._trained, self._views, self.permuted, strict=True):
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
    return tensor.permute(0, 2, 3, 1) if permuted and tensor.dim() == 4 else tensor
