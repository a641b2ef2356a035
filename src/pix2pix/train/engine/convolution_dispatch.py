"""Which kernel computes a convolution and its gradients: the library's, or matrix products (`im2col`).

The thresholds were found by timing both, on an H200 and on an EPYC with AVX-512 and bf16.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pix2pix.train.engine import im2col

# pixels of the smaller feature map, in a batch, up to which a matrix product is faster than cuDNN, and than oneDNN
_CUDA_PIXELS, _CPU_PIXELS = 64, 256
# on the CPU also: the weight has at least so many values for each of these pixels, fp32 and bf16
_WEIGHT_GRADIENT_VALUES, _WEIGHT_GRADIENT_VALUES_BF16 = 4096, 1024
_FORWARD_VALUES, _FORWARD_VALUES_BF16 = 131072, 8192
_CPU_PIXELS_SINGLE = 8192  # the first limit, for a convolution with a single output channel
_CHANNELS, _CHANNELS_SINGLE = 64, 128  # that make a matrix product worth the table look-up
_ALIGNED = 8  # tensor cores want a multiple of so many channels


@dataclass(frozen=True)
class ConvolutionPlan:
    """A convolution and the kernels for it. x, weight, gradient: as for conv2d or conv_transpose2d."""

    stride: tuple[int, int]
    padding: tuple[int, int]
    transposed: bool
    im2col: bool = False  # few pixels: forward pass and x's gradient by im2col
    im2col_weight: bool = False  # the weight's gradient by im2col
    pad_channels: bool = False  # channels that cuDNN finds no tensor core kernel for: the weight's gradient with channels of zeros added
    single: bool = False  # one output channel: forward pass and the weight's gradient by im2col

    @classmethod
    def of(cls, x: Tensor, weight: Tensor, stride: tuple[int, int], padding: tuple[int, int], transposed: bool) -> "ConvolutionPlan":
        """The fastest kernels for these sizes on x's device."""
        n, _, h, w = x.shape
        channels_last = weight.is_contiguous(memory_format=torch.channels_last)  # else every product would copy the weight first
        if not transposed and len(weight) == 1:
            few = weight.shape[1] >= _CHANNELS_SINGLE and weight.shape[2:] == (4, 4) and n * h * w <= _CPU_PIXELS_SINGLE
            return cls(stride, padding, transposed, single=few and channels_last and not x.is_cuda)
        pad_channels = x.is_cuda and channels_last and weight.shape[1] % _ALIGNED != 0 and weight.shape[0] % _ALIGNED == 0
        halves = weight.shape[2:] == (4, 4) and stride == (2, 2) and padding == (1, 1) and (transposed or h % 2 == w % 2 == 0)
        if not halves or not channels_last or min(weight.shape[:2]) < _CHANNELS:
            return cls(stride, padding, transposed, pad_channels=pad_channels)
        pixels = n * h * w if transposed else n * h * w // 4
        if x.is_cuda:
            forward = weight_gradient = pixels <= _CUDA_PIXELS
        else:
            bf16 = x.dtype == torch.bfloat16
            by_gradient = weight.numel() // (_WEIGHT_GRADIENT_VALUES_BF16 if bf16 else _WEIGHT_GRADIENT_VALUES)
            by_forward = weight.numel() // (_FORWARD_VALUES_BF16 if bf16 else _FORWARD_VALUES)
            weight_gradient, forward = (pixels <= min(_CPU_PIXELS, limit) for limit in (by_gradient, by_forward))
        return cls(stride, padding, transposed, forward, weight_gradient, pad_channels)

    def pays(self, device: torch.device) -> bool:
        """Whether autograd would be slower: always on CUDA, where the weight's gradient has a stream of its own."""
        return device.type == "cuda" or self.im2col_weight or self.single

    def forward(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """The convolution, not as a view of anything."""
        if self.single:
            return im2col.single(x, weight, bias, self.stride, self.padding)
        if self.im2col:
            y = im2col.up(x, weight) if self.transposed else im2col.down(x, weight)
            return y if bias is None else y.add_(bias.view(1, -1, 1, 1))
        return torch.convolution(x, weight, bias, self.stride, self.padding, (1, 1), self.transposed, (0, 0), 1)

    def input_gradient(self, gradient: Tensor, x: Tensor, weight: Tensor) -> Tensor:
        """Gradient with respect to x."""
        if self.im2col:
            return im2col.up_input_gradient(gradient, weight) if self.transposed else im2col.down_input_gradient(gradient, weight)
        return self._backward(gradient, x, weight, None, (True, False, False))[0]

    def parameter_gradients(self, gradient: Tensor, x: Tensor, weight: Tensor, *, bias: bool) -> Sequence[Tensor]:
        """Gradients with respect to the weight and, if there is one, the bias."""
        if self.single:
            of_weight = im2col.single_weight_gradient(gradient, x, weight.shape[2:], self.stride, self.padding)
        elif self.im2col_weight:
            of_weight = im2col.weight_gradient(gradient, x) if self.transposed else im2col.weight_gradient(x, gradient)
        elif self.pad_channels:  # the weight's second side is the input's channels or, transposed, the output's
            channels = weight.shape[1]
            wide = weight.new_empty((weight.shape[0], _aligned(channels), *weight.shape[2:])).to(memory_format=torch.channels_last)
            inputs = (_padded(gradient), x) if self.transposed else (gradient, _padded(x))
            of_weight = self._backward(*inputs, wide, None, (False, True, False))[1][:, :channels]
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


def _padded(x: Tensor) -> Tensor:
    """Channels of zeros added up to a multiple of 8; channels_last."""
    n, channels, h, w = x.shape
    wide = x.new_zeros((n, h, w, _aligned(channels))).permute(0, 3, 1, 2)
    wide[:, :channels] = x
    return wide
