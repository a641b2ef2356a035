"""The training step as one captured CUDA graph: a single launch instead of hundreds, for batches too small to keep a GPU busy."""

import copy
from collections.abc import Callable

import torch
from torch import Tensor

from pix2pix.settings.training import TrainSettings
from pix2pix.training.step import TrainingStep

Step = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]
_WARM_UP = 3  # updates before the capture, in which libraries choose their kernels; undone afterwards


def captured(step: TrainingStep, settings: TrainSettings, device: torch.device) -> Step:
    """The step to call in the loop: `step` itself on the CPU or with graph off, else one that replays it as a graph.

    The graph is captured at the first batch, for that batch's size; a smaller last batch is worked eagerly.
    """
    fits = settings.pool_size == 0 and settings.adam == "fused"  # a pool draws on the host; only fused Adam keeps its count on the device
    if device.type != "cuda" or settings.graph == "off" or not fits:
        return step
    return GraphedStep(step)


class GraphedStep:
    """Replays a captured `TrainingStep`; the same updates as the step itself."""

    def __init__(self, step: TrainingStep) -> None:
        self._step = step
        self._graph: torch.cuda.CUDAGraph | None = None
        self._inputs: list[Tensor] = []
        self._losses: Tensor | None = None

    def __call__(self, images: Tensor, top: Tensor, left: Tensor, flip: Tensor) -> Tensor:
        """As `TrainingStep.__call__`."""
        inputs = [images, top, left, flip]
        if self._graph is None:
            self._capture(inputs)
        if images.shape != self._inputs[0].shape:
            return self._step(*inputs)
        for fixed, given in zip(self._inputs, inputs, strict=True):
            fixed.copy_(given)
        assert self._graph is not None and self._losses is not None
        self._graph.replay()
        return self._losses.clone()

    def _capture(self, inputs: list[Tensor]) -> None:
        self._inputs = [given.clone() for given in inputs]
        # fresh optimisers have no state until their first update, so "as before" means zeros for it
        before = copy.deepcopy(self._step.state())
        random = torch.cuda.get_rng_state(self._step.device)
        side = torch.cuda.Stream(self._step.device)
        side.wait_stream(torch.cuda.current_stream(self._step.device))
        with torch.cuda.stream(side):
            for _ in range(_WARM_UP):
                self._step(*self._inputs)
        torch.cuda.current_stream(self._step.device).wait_stream(side)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph):
            self._losses = self._step(*self._inputs)
        self._restore(before)
        torch.cuda.set_rng_state(random, self._step.device)

    @torch.no_grad()
    def _restore(self, before: dict[str, object]) -> None:
        """Put the values back into the very tensors that the graph reads and writes."""
        for name in ("generator", "discriminator"):
            for now, then in zip(getattr(self._step, name).state_dict().values(), before[name].values(), strict=True):  # type: ignore[attr-defined]
                now.copy_(then)
        for name in ("optimizer_g", "optimizer_d"):
            optimizer: torch.optim.Optimizer = getattr(self._step, name)
            saved = before[name]["state"]  # type: ignore[index]
            parameters = [p for group in optimizer.param_groups for p in group["params"]]
            for index, parameter in enumerate(parameters):
                for key, value in optimizer.state[parameter].items():
                    value.copy_(saved[index][key]) if index in saved else value.zero_()
