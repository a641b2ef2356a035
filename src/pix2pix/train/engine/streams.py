"""CUDA streams beside the main one, and im2col for the convolutions that it is faster for.

Measured on an H200 at 256 px, batch size 1, TF32, in a captured graph: 2.74 ms an update, 3.38 ms without (commit 32528f0).
On two cores of an EPYC in fp32, 1.10 times as fast as the plain engine at 256 px, ngf 64, batch size 1, and 0.96 times at 64 px, ngf 16,
batch size 8 (benchmarks/results/2026-11-30-training.md).

At batch size 1 most kernels of pix2pix use a small part of a GPU and stand in one long queue. No later layer needs the gradient of a
weight, so on CUDA it is computed on a stream of its own while the main stream goes on to the next layer, and so is the optimiser's update
of the weights whose gradients are complete. D's pass over the real pairs runs beside its pass over the fakes. The streams change no
number: each weight's gradients and each running statistic are added in a fixed order. Two things do, by rounding: some convolutions are
matrix products (`im2col`), and D's two gradients are added in fp32, which the plain engine in bf16 adds in bf16.

On the CPU there are no streams, and the gain is less work. oneDNN reorders a weight and its gradient at every call, which takes longer
than the arithmetic on small feature maps: those convolutions are matrix products, and D sees fakes and real pairs as one batch.

Tensors that another stream reads are held until the main stream has waited for it. Otherwise the allocator would reuse their memory, or
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

from pix2pix.train.engine.convolution_dispatch import ConvolutionPlan

MAIN_PRIORITY = -1  # of the stream that an update runs on, where it is chosen; others have 0
_SIDES = 3  # streams that gradients of weights are spread over
_UPDATE_AT = 4_000_000  # values with a complete gradient that are worth an update of their own


class StreamsEngine:
    """Forward and backward passes with side streams on CUDA; with the same functions, in order, on the CPU."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        on_cuda = device.type == "cuda"
        if on_cuda:  # D's normalisations have gradients from two streams, for whose sum autograd waits as it should
            torch.autograd.graph.set_warn_on_accumulate_grad_stream_mismatch(False)
        # the smaller number goes first: the main stream does not wait for work that has time
        self._real_stream = torch.cuda.Stream(device, priority=MAIN_PRIORITY) if on_cuda else None
        self._update_stream = torch.cuda.Stream(device, priority=0) if on_cuda else None
        self._sides = [torch.cuda.Stream(device, priority=0) for _ in range(_SIDES)] if on_cuda else []
        self._places: dict[nn.Parameter, int] = {}  # a weight's gradients are all added on one stream, in order
        # within `_collecting`:
        self._wanted: set[nn.Parameter] | None = None
        self._update: Callable[[], None] | None = None
        self._complete = 0  # values with a gradient and without their update
        self._used: set[torch.cuda.Stream] = set()
        self._held: list[Tensor] = []  # what is read on these streams
        self._batch_norm: Callable[..., Tensor] = _call

    def compiled(self, function: Callable[..., Any], constant: Sequence[nn.Parameter] = ()) -> Callable[..., Any]:
        """`function` itself."""
        return function

    def forward(self) -> AbstractContextManager[object]:
        """Within it convolutions with trained weights hand their gradients to `add_gradients`; on the CPU those that gain by it."""
        return _Dispatch(self)

    def discriminate(self, discriminator: nn.Module, fake_pairs: Tensor, real_pairs: Tensor) -> tuple[Tensor, Tensor]:
        """On CUDA two passes side by side, whose batch norms wait for their turn; on the CPU one batch, normalised by halves."""
        try:
            if self._real_stream is not None:
                return self._side_by_side(discriminator, fake_pairs, real_pairs, self._real_stream)
            self._batch_norm = _by_halves
            fake_logits, real_logits = discriminator(torch.cat([fake_pairs, real_pairs])).chunk(2)
            return fake_logits, real_logits
        finally:
            self._batch_norm = _call

    def _side_by_side(
        self, discriminator: nn.Module, fake_pairs: Tensor, real_pairs: Tensor, real_stream: torch.cuda.Stream
    ) -> tuple[Tensor, Tensor]:
        main = torch.cuda.current_stream(self._device)
        events = [main.record_event()]  # the beginning, and the end of each batch norm of the pass over the fakes

        def first(work: Callable[..., Tensor], *args: Any, **kwargs: Any) -> Tensor:
            done = work(*args, **kwargs)
            events.append(main.record_event())
            return done

        self._batch_norm = first
        fake_logits = discriminator(fake_pairs)
        turns = iter(events)

        def second(work: Callable[..., Tensor], *args: Any, **kwargs: Any) -> Tensor:
            real_stream.wait_event(next(turns))
            return work(*args, **kwargs)

        self._batch_norm = second
        real_stream.wait_event(next(turns))
        with torch.cuda.stream(real_stream):
            real_logits = discriminator(real_pairs)
        main.wait_stream(real_stream)
        return fake_logits, real_logits

    def batch_norm(self, function: Callable[..., Tensor], *args: Any, **kwargs: Any) -> Tensor:
        """Call F.batch_norm in its turn."""
        return self._batch_norm(function, *args, **kwargs)

    def backward(self, loss: Tensor, parameters: Sequence[nn.Parameter], update: Callable[[], None] | None = None) -> None:
        """Autograd's backward pass; gradients of weights, and `update`, on side streams.

        `update` is called as soon as many gradients are complete. Only for a loss that depends on each parameter once: its gradient is
        complete when it is there.
        """
        with self._collecting(parameters, update):
            loss.backward(inputs=parameters)

    @contextmanager
    def _collecting(self, parameters: Sequence[nn.Parameter], update: Callable[[], None] | None) -> Iterator[None]:
        self._wanted, self._update, self._complete = set(parameters), update, 0
        try:
            yield
        finally:
            self._wanted = self._update = None
            for stream in self._used:
                torch.cuda.current_stream(self._device).wait_stream(stream)
            self._used.clear()
            self._held.clear()

    def add_gradients(self, parameters: Sequence[nn.Parameter], compute: Callable[[], Sequence[Tensor]], read: Sequence[Tensor]) -> None:
        """Add the gradients that `compute` returns for `parameters`, if they are wanted, without waiting for them.

        `compute` reads the tensors `read` and nothing else that may change; it returns a gradient of each parameter's shape.
        """
        if self._wanted is None:
            raise RuntimeError("a loss from within StreamsEngine.forward needs StreamsEngine.backward")
        if not self._wanted.issuperset(parameters):
            return
        self._held += read
        with self._stream(self._side_of(parameters[0])):
            for parameter, gradient in zip(parameters, compute(), strict=True):
                value = gradient.to(parameter.dtype)
                if value.stride() != parameter.stride():  # of a 1x1 feature map cuDNN does not know the memory format
                    value = torch.empty_like(parameter).copy_(value)
                parameter.grad = value if parameter.grad is None else parameter.grad.add_(value)
                self._complete += parameter.numel()
        if self._update is not None and self._complete >= _UPDATE_AT:
            self._complete = 0
            self._held += [parameter.grad for parameter in self._wanted if parameter.grad is not None]
            with self._stream(self._update_stream, *self._used):
                self._update()

    def _side_of(self, parameter: nn.Parameter) -> torch.cuda.Stream | None:
        place = self._places.setdefault(parameter, len(self._places))
        return self._sides[place % len(self._sides)] if self._sides else None

    def _stream(self, stream: torch.cuda.Stream | None, *after: torch.cuda.Stream) -> AbstractContextManager[object]:
        if stream is None:
            return nullcontext()
        for earlier in (torch.cuda.current_stream(self._device), *after):
            stream.wait_stream(earlier)
        self._used.add(stream)
        return torch.cuda.stream(stream)


def _call(function: Callable[..., Tensor], *args: Any, **kwargs: Any) -> Tensor:
    return function(*args, **kwargs)


def _by_halves(function: Callable[..., Tensor], x: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    return torch.cat([function(half, *args, **kwargs) for half in x.chunk(2)])


class _Dispatch(TorchFunctionMode):
    """Replaces conv2d and conv_transpose2d where they have trained weights and neither groups nor dilation."""

    def __init__(self, engine: StreamsEngine) -> None:
        self._engine = engine

    def __torch_function__(self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None) -> Any:
        if func in (torch.conv2d, torch.conv_transpose2d) and not kwargs and torch.is_grad_enabled():
            transposed = func is torch.conv_transpose2d
            plain = [(0, 0), 1, (1, 1)] if transposed else [(1, 1), 1]
            if list(args[5:]) == plain and args[1].requires_grad and isinstance(args[4], tuple):  # as torch.nn's modules call it
                x, weight, bias, stride, padding = args[:5]
                if torch.is_autocast_enabled(x.device.type):
                    x = x.to(torch.get_autocast_dtype(x.device.type))
                plan = ConvolutionPlan.of(x, weight, stride, padding, transposed)
                if not plan.pays(x.device):
                    return func(*args)
                return _Convolution.apply(x, weight, bias, plan, self._engine)
        if func is F.batch_norm:
            return self._engine.batch_norm(func, *args, **(kwargs or {}))
        return func(*args, **(kwargs or {}))


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: FunctionCtx, x: Tensor, weight: nn.Parameter, bias: nn.Parameter | None, plan: ConvolutionPlan, engine: StreamsEngine
    ) -> Tensor:
        with torch.autocast(x.device.type, enabled=False):
            used = weight.to(x.dtype)
            y = plan.forward(x, used, None if bias is None else bias.to(x.dtype))
        ctx.save_for_backward(x, used)
        ctx.weight, ctx.bias, ctx.plan, ctx.engine = weight, bias, plan, engine  # type: ignore[attr-defined]
        return y

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, None, None, None, None]:
        x, used = ctx.saved_tensors
        plan: ConvolutionPlan = ctx.plan
        if plan.im2col or plan.im2col_weight:
            gradient = gradient.contiguous(memory_format=torch.channels_last)
        # first, since the weight may be updated as soon as its own gradient is there
        of_input = plan.input_gradient(gradient, x, used) if ctx.needs_input_grad[0] else None
        bias = ctx.bias is not None
        parameters = [ctx.weight, ctx.bias] if bias else [ctx.weight]
        ctx.engine.add_gradients(parameters, lambda: plan.parameter_gradients(gradient, x, used, bias=bias), (gradient, x, used))
        return of_input, None, None, None, None
