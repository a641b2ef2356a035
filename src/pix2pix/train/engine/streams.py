"""Work of an update that need not wait is done beside the work that must follow in order, and deep convolutions as matrix products.

At batch size 1 most kernels of pix2pix use a small part of a GPU, and they stand in one long queue. A gradient of a weight is needed by
nobody before the update, so on CUDA it is computed on a stream of its own while the main one goes on to the next layer; so is the
optimiser's update of the weights that have theirs. D looks at the real pair while it looks at the fake. The streams change no number: each
weight's gradients and each running statistic come in a fixed order. Two things do, by rounding: some convolutions are matrix products
(`gathered`), and D's two gradients are added in fp32 where the plain step in bf16 adds them in bf16, or, on the CPU, are one.

On the CPU all is done in order, and what is gained is less work. oneDNN puts a weight and its gradient into an order of its own and back,
each time, which takes longer than to compute with them where pictures have few places: those convolutions are matrix products, and D looks
at fakes and real pairs as one batch.

Tensors that another stream reads are held until the main one has waited for it. Otherwise the allocator would give their memory away, or
autograd, which adds to a gradient in place once nobody else holds it, would write into them.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx
from torch.overrides import TorchFunctionMode

from pix2pix.train.engine import concatenation
from pix2pix.train.engine.convolution_dispatch import Geometry

MAIN_PRIORITY = -1  # of the stream that an update is worked on, where it is chosen; others have 0
_SIDES = 3  # streams that gradients of weights are spread over
_UPDATE_AT = 4_000_000  # values with a gradient that are worth an update of their own


class InOrder:
    """All work in one queue, as it is written down: what Overlap does beside it, autograd does."""

    def convolutions(self) -> AbstractContextManager[object]:
        """As they are."""
        return nullcontext()

    def both(self, judge: Callable[[Tensor], Tensor], first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
        """One network's answers to two batches of one size, of which `first` comes first."""
        return judge(first), judge(second)

    def gradients(self, *_: object) -> AbstractContextManager[object]:
        """Those that the backward pass was told of."""
        return nullcontext()


class Overlap:
    """Streams beside the main one. On the CPU the same work is done in order."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        on_cuda = device.type == "cuda"
        if on_cuda:  # D's normalisations have gradients from two streams, for whose sum autograd waits as it should
            torch.autograd.graph.set_warn_on_accumulate_grad_stream_mismatch(False)
        # the smaller number goes first: what must follow in order is not kept waiting by what has time
        self._branch = torch.cuda.Stream(device, priority=MAIN_PRIORITY) if on_cuda else None
        self._updates = torch.cuda.Stream(device, priority=0) if on_cuda else None
        self._sides = [torch.cuda.Stream(device, priority=0) for _ in range(_SIDES)] if on_cuda else []
        self._places: dict[nn.Parameter, int] = {}  # a weight's gradients are all added on one stream, in order
        self._wanted: set[nn.Parameter] | None = None
        self._update: Callable[[], None] | None = None
        self._waiting = 0  # values with a gradient and without their update
        self._used: set[torch.cuda.Stream] = set()  # within `gradients`
        self._held: list[Tensor] = []  # within `gradients`: what is read on these streams
        self._normalised: Callable[..., Tensor] = _at_once

    def convolutions(self) -> AbstractContextManager[object]:
        """Within it convolutions with trained weights give their gradients to `gradients`; on the CPU those that gain by it."""
        return _Functions(self)

    def both(self, judge: Callable[[Tensor], Tensor], first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
        """One network's answers to two batches of one size, each normalised by itself; running statistics take `first` first.

        On CUDA the second pass is beside the first, forwards and backwards, and each layer's statistics wait for their turn. On the CPU
        the two are one batch: oneDNN puts a weight in order once for both.
        """
        try:
            if self._branch is not None:
                return self._beside_each_other(judge, first, second, self._branch)
            self._normalised = _by_halves
            of_first, of_second = judge(torch.cat([first, second])).chunk(2)
            return of_first, of_second
        finally:
            self._normalised = _at_once

    def _beside_each_other(
        self, judge: Callable[[Tensor], Tensor], first: Tensor, second: Tensor, branch: torch.cuda.Stream
    ) -> tuple[Tensor, Tensor]:
        main = torch.cuda.current_stream(self._device)
        reached = [main.record_event()]  # the beginning, and the end of each normalisation in the first pass

        def leading(work: Callable[..., Tensor], *args: Any, **kwargs: Any) -> Tensor:
            done = work(*args, **kwargs)
            reached.append(main.record_event())
            return done

        self._normalised = leading
        of_first = judge(first)
        turns = iter(reached)

        def following(work: Callable[..., Tensor], *args: Any, **kwargs: Any) -> Tensor:
            branch.wait_event(next(turns))
            return work(*args, **kwargs)

        self._normalised = following
        branch.wait_event(next(turns))
        with torch.cuda.stream(branch):
            of_second = judge(second)
        main.wait_stream(branch)
        return of_first, of_second

    def normalised(self, work: Callable[..., Tensor], *args: Any, **kwargs: Any) -> Tensor:
        """Do a layer's normalisation, in its turn."""
        return self._normalised(work, *args, **kwargs)

    @contextmanager
    def gradients(self, parameters: Sequence[nn.Parameter], update: Callable[[], None] | None = None) -> Iterator[None]:
        """Within it a backward pass adds the gradients of these weights, and of no others, to their `grad`; afterwards they are there.

        `update` is called, on a stream of its own, as soon as many gradients are there; it takes them away. Only for parameters that
        the loss depends on once: a gradient that is there is whole.
        """
        self._wanted, self._update, self._waiting = set(parameters), update, 0
        try:
            yield
        finally:
            self._wanted = self._update = None
            for stream in self._used:
                torch.cuda.current_stream(self._device).wait_stream(stream)
            self._used.clear()
            self._held.clear()

    def add_gradients(self, parameters: Sequence[nn.Parameter], compute: Callable[[], Sequence[Tensor]], read: Sequence[Tensor]) -> None:
        """Add the gradients that `compute` gives for `parameters`, if they are wanted; not waited for.

        `compute` reads the tensors `read` and nothing else that may change; it gives a gradient of each parameter's shape.
        """
        if self._wanted is None:
            raise RuntimeError("a backward pass through Overlap.convolutions must be within Overlap.gradients")
        if not self._wanted.issuperset(parameters):
            return
        self._held += read
        with self._beside(self._side_of(parameters[0])):
            for parameter, gradient in zip(parameters, compute(), strict=True):
                value = gradient.to(parameter.dtype)
                if value.stride() != parameter.stride():  # of a 1x1 picture cuDNN does not know its order
                    value = torch.empty_like(parameter).copy_(value)
                parameter.grad = value if parameter.grad is None else parameter.grad.add_(value)
                self._waiting += parameter.numel()
        if self._update is not None and self._waiting >= _UPDATE_AT:
            self._waiting = 0
            self._held += [parameter.grad for parameter in self._wanted if parameter.grad is not None]
            with self._beside(self._updates, *self._used):
                self._update()

    def _side_of(self, parameter: nn.Parameter) -> torch.cuda.Stream | None:
        place = self._places.setdefault(parameter, len(self._places))
        return self._sides[place % len(self._sides)] if self._sides else None

    def _beside(self, stream: torch.cuda.Stream | None, *after: torch.cuda.Stream) -> AbstractContextManager[object]:
        if stream is None:
            return nullcontext()
        for earlier in (torch.cuda.current_stream(self._device), *after):
            stream.wait_stream(earlier)
        self._used.add(stream)
        return torch.cuda.stream(stream)


def _at_once(work: Callable[..., Tensor], *args: Any, **kwargs: Any) -> Tensor:
    return work(*args, **kwargs)


def _by_halves(work: Callable[..., Tensor], x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    return torch.cat([work(half, *args, **kwargs) for half in x.chunk(2)])


class _Functions(TorchFunctionMode):
    """Takes the place of conv2d and conv_transpose2d where they have trained weights and neither groups nor dilation.

    On the CPU of cat too, where pictures with gradients are joined by their channels.
    """

    def __init__(self, overlap: Overlap) -> None:
        self._overlap = overlap

    def __torch_function__(self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None) -> Any:
        if func in (torch.conv2d, torch.conv_transpose2d) and not kwargs and torch.is_grad_enabled():
            transposed = func is torch.conv_transpose2d
            plain = [(0, 0), 1, (1, 1)] if transposed else [(1, 1), 1]
            if list(args[5:]) == plain and args[1].requires_grad and isinstance(args[4], tuple):  # as torch.nn's modules call it
                x, weight, bias, stride, padding = args[:5]
                if torch.is_autocast_enabled(x.device.type):
                    x = x.to(torch.get_autocast_dtype(x.device.type))
                geometry = Geometry.of(x, weight, stride, padding, transposed)
                if not geometry.gains(x.device):
                    return func(*args)
                return _Convolution.apply(x, weight, bias, geometry, self._overlap)
        if func is F.batch_norm:
            return self._overlap.normalised(func, *args, **(kwargs or {}))
        if func is torch.cat and kwargs == {"dim": 1} and all(concatenation.gains(x) for x in args[0]):
            return concatenation.Concatenation.apply(*args[0])
        return func(*args, **(kwargs or {}))


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: FunctionCtx, x: Tensor, weight: nn.Parameter, bias: nn.Parameter | None, geometry: Geometry, overlap: Overlap
    ) -> Tensor:
        with torch.autocast(x.device.type, enabled=False):
            used = weight.to(x.dtype)
            y = geometry.forward(x, used, None if bias is None else bias.to(x.dtype))
        ctx.save_for_backward(x, used)
        ctx.weight, ctx.bias, ctx.geometry, ctx.overlap = weight, bias, geometry, overlap  # type: ignore[attr-defined]
        return y

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, None, None, None, None]:
        x, used = ctx.saved_tensors
        geometry: Geometry = ctx.geometry
        if geometry.few or geometry.few_of_weight:
            gradient = gradient.contiguous(memory_format=torch.channels_last)
        # first, since the weight may be updated as soon as its own gradient is there
        of_input = geometry.input_gradient(gradient, x, used) if ctx.needs_input_grad[0] else None
        bias = ctx.bias is not None
        parameters = [ctx.weight, ctx.bias] if bias else [ctx.weight]
        ctx.overlap.add_gradients(parameters, lambda: geometry.parameter_gradients(gradient, x, used, bias=bias), (gradient, x, used))
        return of_input, None, None, None, None
