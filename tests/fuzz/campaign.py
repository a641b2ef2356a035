"""One campaign: draw inputs, read them as the program does, and collect what goes wrong."""

import resource
import sys
import tempfile
import time
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from pix2pix.data.bad_image import BadImage
from pix2pix.data.images import decode
from pix2pix.errors import UserError
from pix2pix.predict.files import Pixels, read
from pix2pix.prepare.unpack import Limits, unpack
from tests.fuzz import second_decoder
from tests.fuzz.archives import draw_archive
from tests.fuzz.images import mutate, sound

ARCHIVES = 10  # one input of so many is an archive
_LIMITS = Limits(max_bytes=1 << 24, max_files=100)
_MOST_SECONDS = 20
_MOST_MEMORY = 2 << 30
_FAR, _FEW_FAR = 24, 0.02  # levels; share of the pixels that may be that far off: decoders round and smooth colours in their own ways
_STARTS = {"subprocess.Popen", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn"}  # audit events of Python


@dataclass
class Report:
    """Counts of what became of the inputs, and what went wrong: "input 17 of seed 0: …"."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    slowest: float = 0.0
    memory: int = 0

    def lines(self) -> list[str]:
        """The report as text."""
        counted = ", ".join(f"{count:,} {what}" for what, count in sorted(self.counts.items()))
        peak = f"slowest input {self.slowest:.2f} s of processor time, peak memory {self.memory / 2**20:,.0f} MiB"
        return [counted, peak, f"{len(self.problems)} problems", *self.problems]


class Campaign:
    """A campaign of one seed. Every input has a number, and is drawn from seed and number alone."""

    def __init__(self, seed: int, keep: Path | None = None) -> None:
        """keep: a folder for the inputs that go wrong."""
        self.report, self._seed, self._keep = Report(), seed, keep
        self._started: list[str] = []
        sys.addaudithook(lambda event, _: self._started.append(event) if event in _STARTS else None)

    def run(self, number: int) -> None:
        """Draw and read one input."""
        draw = np.random.default_rng((self._seed, number))
        archive = number % ARCHIVES == ARCHIVES - 1
        name, data = "archive", b""
        if archive:
            data, done = draw_archive(draw)
        else:
            name = list(sound())[draw.integers(len(sound()))]
            data, done = mutate(draw, sound()[name], name)
        began, self._started[:] = time.process_time(), []
        try:
            with tempfile.TemporaryDirectory() as place, warnings.catch_warnings():
                warnings.simplefilter("error", ResourceWarning)
                problem = self._archive(data, Path(place)) if archive else self._image(data, name, done, Path(place))
        except Exception as error:  # that is what is looked for
            problem = f"{type(error).__name__}: {error}"
        seconds = time.process_time() - began
        self.report.slowest = max(self.report.slowest, seconds)
        self.report.memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        problems = [problem] if problem else []
        problems += [f"starts a process ({event})" for event in self._started]
        problems += [f"takes {seconds:.0f} s"] if seconds > _MOST_SECONDS else []
        problems += [f"memory is at {self.report.memory >> 20} MiB"] if self.report.memory > _MOST_MEMORY else []
        self.report.problems += [f"input {number} of seed {self._seed} ({name}, {done}): {found}" for found in problems]
        if problems and self._keep:
            self._keep.mkdir(parents=True, exist_ok=True)
            (self._keep / f"{self._seed}-{number}-{name}").write_bytes(data)

    def _image(self, data: bytes, name: str, done: str, place: Path) -> str | None:
        """Read an image as `predict` and as `prepare` does; returns what is wrong."""
        file = place / "image"
        file.write_bytes(data)
        try:
            image = read(file)
        except BadImage as reason:
            self.report.counts["images refused"] += 1
            return None if str(reason).strip() else "refused without a reason"
        ours = image.frames[0]
        try:
            if not np.array_equal(np.asarray(decode(data)), ours):
                return "prepare reads other pixels than predict"
        except BadImage as reason:
            if "animated" not in str(reason):
                return f"predict reads what prepare refuses: {reason}"
        if image.notes or image.doubts:
            self.report.counts["images used, with a word"] += 1
            return None
        self.report.counts["images used"] += 1
        if done == "cut" and not image.moving and not np.array_equal(ours, np.asarray(decode(sound()[name]))):
            return "cut short, and other pixels without a word"
        # torchvision's decoders end the process on some damaged PNG files
        return self.beside_another(ours, data, name) if second_decoder.HAS_OPENCV else None

    def beside_another(self, ours: Pixels, data: bytes, name: str) -> str | None:
        """Compare pixels with those of a second decoder; returns what differs."""
        theirs = second_decoder.decode(data, name.split("-")[0])
        if theirs is None:
            return None
        self.report.counts["images compared with a second decoder"] += 1
        if theirs.shape != ours.shape and name.endswith("turned") and theirs.shape[1::-1] == ours.shape[:2]:
            return None  # a damaged EXIF, which one of the two cannot read: an image without EXIF is upright
        if theirs.shape != ours.shape:
            return f"the other decoder reads {theirs.shape[1]}x{theirs.shape[0]} pixels, this one {ours.shape[1]}x{ours.shape[0]}"
        far = (np.abs(theirs.astype(int) - ours).max(axis=2) > _FAR).mean()
        return f"{far:.0%} of the pixels are not those of the other decoder" if far > _FEW_FAR else None

    def _archive(self, data: bytes, place: Path) -> str | None:
        archive, into = place / "archive", place / "deep" / "into"
        archive.write_bytes(data)
        try:
            files = {into / file for file in unpack(archive, into, limits=_LIMITS, progress=False).files}
        except UserError:
            self.report.counts["archives refused"] += 1
            left = [path for path in place.rglob("*") if path not in (archive, into.parent)]
            return f"refused, but leaves {left[0].name}" if left else None
        self.report.counts["archives unpacked"] += 1
        found = {path for path in place.rglob("*") if not path.is_dir() or path.is_symlink()} - {archive}
        return None if found == files and not any(path.is_symlink() for path in found) else "writes other files than it says"
