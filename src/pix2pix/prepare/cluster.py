"""Prepare images on several machines: the workers of a Dask cluster instead of threads."""

import contextlib
from collections.abc import Iterator

from pix2pix.errors import UserError
from pix2pix.prepare.workers import Workers

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
