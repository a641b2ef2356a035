"""Those who do units of work: threads here, since all that takes long in a picture leaves Python's lock alone, or a cluster's workers."""

import contextlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import torch

Unit = TypeVar("Unit")
Done = TypeVar("Done")
_AHEAD = 2  # units for each worker, at work or waiting to be taken: results are whole images, and must not pile up


@dataclass(frozen=True)
class Workers:
    """`count` workers behind an executor."""

    executor: Executor
    count: int

    def in_order(self, work: Callable[[Unit], Done], units: Iterable[Unit]) -> Iterator[Done]:
        """The result of each unit in the units' order; only a few are begun before the first of them is taken."""
        begun: deque[Future[Done]] = deque()
        try:
            for unit in units:
                if len(begun) == _AHEAD * self.count:
                    yield begun.popleft().result()
                begun.append(self.executor.submit(work, unit))
            while begun:
                yield begun.popleft().result()
        finally:  # where the work failed, or nobody takes the rest
            for future in begun:
                future.cancel()


@contextlib.contextmanager
def threads(count: int | None) -> Iterator[Workers]:
    """`count` threads, or one for each core that this process may use, each of which computes alone."""
    count = count or len(os.sched_getaffinity(0))
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # of every thread that is started from here on: PyTorch would share out each of them among the cores again
    try:
        with ThreadPoolExecutor(count) as executor:
            yield Workers(executor, count)
    finally:
        torch.set_num_threads(before)
