"""Workers that convert batches: threads (decoding and resizing release the GIL), or the workers of a Dask cluster."""

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import torch

from pix2pix.errors import UserError
from pix2pix.system.runtime import cores

Task = TypeVar("Task")
Result = TypeVar("Result")
_AHEAD = 2  # tasks per worker, running or queued; limits how many decoded images are in memory


@dataclass(frozen=True)
class Workers:
    """`count` workers behind an executor."""

    executor: Executor
    count: int

    def map(self, work: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """Yield the result of each task, in order. At most `_AHEAD` tasks per worker are submitted before the next result is taken."""
        submitted: deque[Future[Result]] = deque()
        try:
            for task in tasks:
                if len(submitted) == _AHEAD * self.count:
                    yield submitted.popleft().result()
                submitted.append(self.executor.submit(work, task))
            while submitted:
                yield submitted.popleft().result()
        finally:  # also where the work fails, or the consumer stops early
            for future in submitted:
                future.cancel()


@contextlib.contextmanager
def threads(count: int | None) -> Iterator[Workers]:
    """`count` threads; None: one per core that this process may use. PyTorch computes on one core in each."""
    count = count or cores()
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # inherited by threads started from here on
    try:
        with ThreadPoolExecutor(count) as executor:
            yield Workers(executor, count)
    finally:
        torch.set_num_threads(before)


_CONNECT_SECONDS = 10


@contextlib.contextmanager
def dask_workers(address: str | None) -> Iterator[Workers | None]:
    """The workers of the Dask cluster whose scheduler is at `address`; None for None.

    They must have this package installed and see the same files under the same paths (a shared disk).
    Raises UserError where Dask is not installed or no scheduler answers.
    """
    if address is None:
        yield None
        return
    try:
        from distributed import Client
    except ImportError:
        raise UserError(f"prepare.dask = {address}: Dask is not installed; pip install distributed, or set prepare.dask=null") from None
    try:
        client = Client(address, timeout=_CONNECT_SECONDS)
    except (OSError, ValueError) as error:
        raise UserError(f"prepare.dask = {address}: no scheduler answers ({error}); start one, or set prepare.dask=null") from error
    with client, client.get_executor(pure=False) as executor:
        yield Workers(executor, max(1, sum(client.nthreads().values())))
