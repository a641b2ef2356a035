"""The whole update as one captured CUDA graph: one launch instead of hundreds, for batches too small to keep a GPU busy.

Measured on an H200 at 256 px, batch 1, TF32, together with `streams` and the data loader: 357 updates a second, the usual way 83
(benchmarks/results/2026-11-26-gpu-cuda.md).
"""

import copy
from collections.abc import Callable
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from pix2pix.config.train_settings import TrainSettings
from pix2pix.train.engine.streams import MAIN_PRIORITY

Step = Callable[[Tensor, Tensor, Tensor, Tensor, float], Tensor]
Inputs = tuple[Tensor, Tensor, Tensor, Tensor]
_WARM_UP = 3  # updates before the capture, in which libraries choose their kernels; undone afterwards


class Capturable(Protocol):
    """What the capture needs of a `TrainingStep`."""

    device: torch.device
    generator: nn.Module
    discriminator: nn.Module
    optimizer_g: torch.optim.Adam
    optimizer_d: torch.optim.Adam

    def __call__(self, images: Tensor, top: Tensor, left: Tensor, flip: Tensor, weight: float = 1.0) -> Tensor:
        """An update."""

    def state(self) -> dict[str, dict[str, Any]]:
        """Everything that an update changes."""


def captured(step: Capturable, settings: TrainSettings, device: torch.device, world_size: int = 1) -> Step:
    """The step that the loop calls: one that replays a graph on CUDA, else `step` itself.

    `train.graph: off`, several processes, an image pool and Adam one tensor at a time run `step` itself. The graph is captured at the
    first batch of full size; a smaller one always runs eagerly.
    """
    fits = settings.pool_size == 0 and settings.adam == "fused"  # a pool draws on the host; only fused Adam keeps its count on the device
    if device.type != "cuda" or settings.graph == "off" or world_size > 1 or not fits:
        return step
    return GraphedStep(step, settings.batch_size)


class GraphedStep:
    """Replays a captured step; its updates are the step's own."""

    def __init__(self, step: Capturable, batch_size: int) -> None:
        self._step, self._batch_size = step, batch_size
        self._graph: torch.cuda.CUDAGraph | None = None
        self._inputs: Inputs | None = None
        self._losses: Tensor | None = None

    def __call__(self, images: Tensor, top: Tensor, left: Tensor, flip: Tensor, weight: float = 1.0) -> Tensor:
        """As `TrainingStep.__call__` in a single process."""
        inputs = (images, top, left, flip)
        if len(images) != self._batch_size:
            return self._step(*inputs)
        if self._graph is None:
            self._capture(inputs)
        assert self._inputs is not None and self._graph is not None and self._losses is not None
        for fixed, given in zip(self._inputs, inputs, strict=True):
            fixed.copy_(given)
        self._graph.replay()
        return self._losses.clone()

    def _capture(self, inputs: Inputs) -> None:
        images, top, left, flip = inputs
        self._inputs = fixed = (images.clone(), top.clone(), left.clone(), flip.clone())
        # fresh optimisers have no state until their first update, so "as before" means zeros for it
        before = copy.deepcopy(self._step.state())
        random = torch.cuda.get_rng_state(self._step.device)
        side = torch.cuda.Stream(self._step.device, priority=MAIN_PRIORITY)
        side.wait_stream(torch.cuda.current_stream(self._step.device))
        with torch.cuda.stream(side):
            for _ in range(_WARM_UP):
                self._step(*fixed)
        torch.cuda.current_stream(self._step.device).wait_stream(side)
        self._graph = torch.cuda.CUDAGraph()
        # another thread may pin memory for the next batch at this moment, which in CUDA's default mode is an error of the capture
        with torch.cuda.graph(self._graph, stream=side, capture_error_mode="thread_local"):
            self._losses = self._step(*fixed)
        self._restore(before)
        torch.cuda.set_rng_state(random, self._step.device)

    @torch.no_grad()
    def _restore(self, before: dict[str, dict[str, Any]]) -> None:
        """Copy the values back into the very tensors that the graph reads and writes."""
        for name in ("generator", "discriminator"):
            for now, then in zip(getattr(self._step, name).state_dict().values(), before[name].values(), strict=True):
                now.copy_(then)
        for name in ("optimizer_g", "optimizer_d"):
            optimizer: torch.optim.Optimizer = getattr(self._step, name)
            saved = before[name]["state"]
            parameters = [p for group in optimizer.param_groups for p in group["params"]]
            for index, parameter in enumerate(parameters):
                for key, value in optimizer.state[parameter].items():
                    value.copy_(saved[index][key]) if index in saved else value.zero_()
