"""How a convolution lies, and by which means it and its gradients are computed fastest: the libraries' kernels or matrix products."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pix2pix.train.engine import im2col

_CUDA_PLACES = 64  # of the small grid, in a batch: up to so many a matrix product is faster than cuDNN
_CPU_PLACES = 256  # the same, and oneDNN, if for each place there are so many values in the weight:
_VALUES_OF_WEIGHT, _VALUES_OF_WEIGHT_BF16 = 4096, 1024  # for the weight's gradient to be faster
_VALUES, _VALUES_BF16 = 131072, 8192  # for the rest to be
_CPU_PLACES_SINGLE = 8192  # of a picture with a single output channel: up to so many a product for each tap is faster than oneDNN
_WIDE = 64  # channels that make a matrix product worth its looking up
_WIDE_SINGLE = 128  # the same, of one with a single output channel
_ALIGNED = 8  # channels that tensor cores want a multiple of


@dataclass(frozen=True)
class Geometry:
    """How a convolution lies, and how it and its gradients are best computed. x, weight, gradient: as for conv2d or conv_transpose2d."""

    stride: tuple[int, int]
    padding: tuple[int, int]
    transposed: bool
    few: bool = False  # places, so that it and its gradient with respect to x are done by `gathered`
    few_of_weight: bool = False  # places, so that the weight's gradient is
    narrow: bool = False  # so few or odd channels on one side that cuDNN finds no tensor core kernel for the weight's gradient
    single: bool = False  # output channel, so that it and its weight's gradient are done by `gathered`

    @classmethod
    def of(cls, x: Tensor, weight: Tensor, stride: tuple[int, int], padding: tuple[int, int], transposed: bool) -> "Geometry":
        """Of a convolution that is to be done."""
        n, _, h, w = x.shape
        rows = weight.is_contiguous(memory_format=torch.channels_last)  # else every product would copy the weight first
        if not transposed and len(weight) == 1:
            worth = weight.shape[1] >= _WIDE_SINGLE and weight.shape[2:] == (4, 4) and n * h * w <= _CPU_PLACES_SINGLE
            return cls(stride, padding, transposed, single=worth and rows and not x.is_cuda)
        narrow = x.is_cuda and rows and weight.shape[1] % _ALIGNED != 0 and weight.shape[0] % _ALIGNED == 0
        paper = weight.shape[2:] == (4, 4) and stride == (2, 2) and padding == (1, 1) and (transposed or h % 2 == w % 2 == 0)
        if not paper or not rows or min(weight.shape[:2]) < _WIDE:
            return cls(stride, padding, transposed, narrow=narrow)
        places = n * h * w if transposed else n * h * w // 4
        if x.is_cuda:
            few = few_of_weight = places <= _CUDA_PLACES
        else:
            bf16 = x.dtype == torch.bfloat16
            few_of_weight = places <= min(_CPU_PLACES, weight.numel() // (_VALUES_OF_WEIGHT_BF16 if bf16 else _VALUES_OF_WEIGHT))
            few = places <= min(_CPU_PLACES, weight.numel() // (_VALUES_BF16 if bf16 else _VALUES))
        return cls(stride, padding, transposed, few, few_of_weight, narrow)

    def gains(self, device: torch.device) -> bool:
        """Whether autograd would do it slower: on CUDA always, where the weight's gradient has a stream of its own."""
        return device.type == "cuda" or self.few_of_weight or self.single

    def forward(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """The convolution; no view."""
        if self.single:
            return im2col.single(x, weight, bias, self.stride, self.padding)
        if self.few:
            y = im2col.up(x, weight) if self.transposed else im2col.down(x, weight)
            return y if bias is None else y.add_(bias.view(1, -1, 1, 1))
        return torch.convolution(x, weight, bias, self.stride, self.padding, (1, 1), self.transposed, (0, 0), 1)

    def input_gradient(self, gradient: Tensor, x: Tensor, weight: Tensor) -> Tensor:
        """Of x."""
        if self.few:
            return im2col.up_input_gradient(gradient, weight) if self.transposed else im2col.down_input_gradient(gradient, weight)
        return self._backward(gradient, x, weight, None, (True, False, False))[0]

    def parameter_gradients(self, gradient: Tensor, x: Tensor, weight: Tensor, *, bias: bool) -> Sequence[Tensor]:
        """Of the weight and, if there is one, of the bias."""
        if self.single:
            of_weight = im2col.single_weight_gradient(gradient, x, weight.shape[2:], self.stride, self.padding)
        elif self.few_of_weight:
            of_weight = im2col.weight_gradient(gradient, x) if self.transposed else im2col.weight_gradient(x, gradient)
        elif self.narrow:  # the weight's second side is the input's channels or, transposed, the output's
            channels = weight.shape[1]
            wide = weight.new_empty((weight.shape[0], _aligned(channels), *weight.shape[2:])).to(memory_format=torch.channels_last)
            padded = (_widened(gradient), x) if self.transposed else (gradient, _widened(x))
            of_weight = self._backward(*padded, wide, None, (False, True, False))[1][:, :channels]
        else:
            sizes = [gradient.shape[1]] if bias else None
            return self._backward(gradient, x, weight, sizes, (False, True, bias))[1 : 3 if bias else 2]
        return [of_weight, gradient.sum((0, 2, 3))] if bias else [of_weight]

    def _backward(
        self, gradient: Tensor, x: Tensor, weight: Tensor, channels: list[int] | None, wanted: tuple[bool, bool, bool]
    ) -> Sequence[Tensor]:
        found: Sequence[Tensor] = torch.ops.aten.convolution_backward(
            gradient, x, weight, channels, self.stride, self.padding, (1, 1), self.transposed, (0, 0), 1, wanted
        )
        return found


def _aligned(channels: int) -> int:
    return -(-channels // _ALIGNED) * _ALIGNED


def _widened(x: Tensor) -> Tensor:
    """With channels of zeros up to a multiple of 8, channels_last."""
    n, channels, h, w = x.shape
    wide = x.new_zeros((n, h, w, _aligned(channels))).permute(0, 3, 1, 2)
    wide[:, :channels] = x
    return wide
