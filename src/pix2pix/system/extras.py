"""Say which of the project's extras brings a library that is not installed."""

import contextlib
import re
from collections.abc import Iterator
from importlib import metadata

from pix2pix.errors import UserError

DISTRIBUTION = "pix2pix-dvc"
# modules whose distribution has another name
_DISTRIBUTIONS = {"PIL": "pillow", "ruamel": "ruamel.yaml", "skimage": "scikit-image"}


@contextlib.contextmanager
def extras_named(what: str = "this") -> Iterator[None]:
    """Context manager: a missing library of an extra becomes a UserError with the command that installs it. Other errors pass.

    `what` begins the message: "… needs LIBRARY, which is not installed".
    """
    try:
        yield
    except ModuleNotFoundError as problem:
        module = (problem.name or "").partition(".")[0]
        library = _DISTRIBUTIONS.get(module, module)
        wanted = _wanted(library)
        if wanted is None or module == "pix2pix":
            raise
        raise UserError(f"{what} needs {library}, which is not installed: pip install '{wanted}'") from None


def _wanted(library: str) -> str | None:
    """What to install: the project with the first extra that requires a library, or without; None where nothing requires it.

    The library itself, where the project runs from its source without an installation.
    """
    try:
        requirements = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return library
    for requirement in requirements:
        name, extra = re.fullmatch(r"([\w.-]+)[^;]*(?:;.*extra == \"([\w-]+)\")?.*", requirement).groups()  # type: ignore[union-attr]
        if _normal(name) == _normal(library):
            return f"{DISTRIBUTION}[{extra}]" if extra else DISTRIBUTION
    return None


def _normal(name: str) -> str:
    """A distribution's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()
