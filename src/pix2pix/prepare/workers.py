"""Workers that convert batches: threads, as decoding and resizing release the GIL, or those of a cluster."""

import contextlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import torch

Task = TypeVar("Task")
Result = TypeVar("Result")
_AHEAD = 2  # tasks for each worker, running or queued: results are decoded images, and must not pile up in memory


@dataclass(frozen=True)
class Workers:
    """`count` workers behind an executor."""

    executor: Executor
    count: int

    def map(self, work: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """The result of each task, in order; at most `_AHEAD` tasks a worker are submitted before the next result is taken."""
        submitted: deque[Future[Result]] = deque()
        try:
            for task in tasks:
                if len(submitted) == _AHEAD * self.count:
                    yield submitted.popleft().result()
                submitted.append(self.executor.submit(work, task))
            while submitted:
                yield submitted.popleft().result()
        finally:  # where the work failed, or the consumer stopped
            for future in submitted:
                future.cancel()


@contextlib.contextmanager
def threads(count: int | None) -> Iterator[Workers]:
    """`count` threads, None for one on each core that this process may use; in each, PyTorch computes on one core."""
    count = count or len(os.sched_getaffinity(0))
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # inherited by threads started from here on
    try:
        with ThreadPoolExecutor(count) as executor:
            yield Workers(executor, count)
    finally:
        torch.set_num_threads(before)
