"""The search: draw inputs, try each, and count what must not happen."""

import contextlib
import io
import random
import resource
import shutil
import signal
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from pix2pix.errors import UserError
from pix2pix.system.terminal import printable, say, say_error
from pix2pix.tracking.store import prepare_mlflow
from tests.hostile.inputs import KINDS, Place

LONGEST = 10  # seconds for one input
MOST = 1 << 30  # bytes of memory


@dataclass
class Result:
    """What the search found: by kind the numbers of inputs refused and accepted, and the findings, each with the kind and its number."""

    refused: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    tracebacks: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    slow: list[str] = field(default_factory=list)
    longest: tuple[float, str] = (0.0, "")  # seconds, and the input
    peak: int = 0  # bytes, of the whole process
    stopped: bool = False  # by Ctrl-C

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return not (self.tracebacks or self.outside or self.slow) and self.peak < MOST


def search(count: int, seed: int, folder: Path) -> Result:
    """Try `count` inputs, as many of each kind, in the empty folder `folder`; fewer after Ctrl-C. The same seed gives the same inputs."""
    prepare_mlflow()  # its import takes seconds, which are no input's
    result, names = Result(), list(KINDS)
    before = signal.signal(signal.SIGALRM, _too_long)
    try:
        for number in range(count):
            name = names[number % len(names)]
            _try(name, random.Random(f"{seed}-{number}"), f"{name}, input {number}", folder, result)
    except KeyboardInterrupt:
        result.stopped = True
    finally:
        signal.signal(signal.SIGALRM, before)
    result.peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return result


def _try(name: str, draw: random.Random, title: str, folder: Path, result: Result) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    place = Place(folder / "given", folder / "target")
    for path in (place.given, place.target, folder / "outside"):
        path.mkdir(parents=True)
    (folder / "outside" / "canary").write_text("sings")
    told = io.StringIO()
    began = time.monotonic()
    signal.alarm(LONGEST)
    try:
        with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
            try:
                say(KINDS[name](draw, place))
                result.accepted[name] += 1
            except UserError as error:
                say_error("pix2pix", error)
                result.refused[name] += 1
        for line in told.getvalue().split("\n"):
            assert printable(line) == line, f"it prints {line!r:.200}"
    except _TooLong:
        result.slow.append(title)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        result.tracebacks.append(f"{title}\n{''.join(traceback.format_exception(error)[-4:])}")
    finally:
        signal.alarm(0)
    result.longest = max(result.longest, (time.monotonic() - began, title))
    given = {path for path in folder.rglob("*") if place.target not in (path, *path.parents) and place.given not in (path, *path.parents)}
    if given != {folder / "outside", folder / "outside" / "canary"} or (folder / "outside" / "canary").read_text() != "sings":
        result.outside.append(title)


class _TooLong(BaseException):
    """An input took over `LONGEST` seconds. No `except Exception` of the program catches it."""


def _too_long(number: int, frame: object) -> None:
    raise _TooLong
