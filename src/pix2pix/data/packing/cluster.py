"""Packing on more than one machine: joblib hands the units of work to a Dask cluster instead of processes here."""

import contextlib
from collections.abc import Iterator

import joblib

from pix2pix.errors import UserError

_CONNECT_SECONDS = 10


@contextlib.contextmanager
def cluster(address: str | None) -> Iterator[None]:
    """Within this, joblib works on the Dask cluster whose scheduler is at `address`; None changes nothing.

    The cluster's workers must have this package installed and see the same files under the same paths (a shared disk).
    Raises UserError where Dask is not installed or nobody answers.
    """
    if address is None:
        yield
        return
    try:
        from distributed import Client
    except ImportError:
        raise UserError(f"prepare.dask = {address}: Dask is not installed; pip install distributed, or set prepare.dask=null") from None
    try:
        client = Client(address, timeout=_CONNECT_SECONDS)
    except (OSError, ValueError) as error:
        raise UserError(f"prepare.dask = {address}: no scheduler answers ({error}); start one, or set prepare.dask=null") from error
    with client, joblib.parallel_config(backend="dask"):
        yield
