"""The images of a dataset that the report shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from pix2pix.metrics.registry import columns
from pix2pix.pages.error_map import error_map
from pix2pix.pages.film import sample_sheets
from pix2pix.pages.inline_image import InlineImage, evenly, inline_image, inline_sheet, open_image
from pix2pix.system.terminal import finite, number


@dataclass(frozen=True)
class Example:
    """Input, output, target and, for extremes, the error map of one image, with its caption."""

    name: str
    role: str
    note: str
    images: tuple[InlineImage, ...]


@dataclass(frozen=True)
class Frame:
    """The sample sheet of one epoch."""

    epoch: int
    image: InlineImage


Metrics = Mapping[str, Any]
"""An entry of `images` in the evaluation: the name of an image and its metrics; None or missing if not measured."""


def gallery_examples(predictions: Path, images: Sequence[Metrics], *, count: int, longest: int) -> list[Example]:
    """Input, output and target of `count` evenly spaced images, at most `longest` pixels per side."""
    return [_example(predictions, image, role="", errors=False, longest=longest) for image in evenly(images, count)]


def extreme_examples(predictions: Path, images: Sequence[Metrics], metric: str, *, longest: int) -> list[Example]:
    """The best, the median and the worst image by a metric where lower is better, with error maps.

    Fewer than three if some are the same image.
    """
    ranked = sorted((image for image in images if finite(image.get(metric)) is not None), key=lambda it: (it[metric], it["name"]))
    roles: dict[int, list[str]] = {}
    for role, place in (("best", 0), ("median", (len(ranked) - 1) // 2), ("worst", len(ranked) - 1)):
        if ranked:
            roles.setdefault(place, []).append(role)
    return [_example(predictions, ranked[place], role=" and ".join(own), errors=True, longest=longest) for place, own in roles.items()]


def _example(predictions: Path, image: Metrics, *, role: str, errors: bool, longest: int) -> Example:
    real_a, fake_b, real_b = (open_image(predictions / folder / f"{image['name']}.png") for folder in ("inputs", "", "targets"))
    shown: list[Image.Image] = [real_a, fake_b, real_b, *([error_map(fake_b, real_b)] if errors else [])]
    measured = [(column.label, value) for column in columns(image) if (value := finite(image[column.key])) is not None]
    note = ", ".join(f"{label} {number(value)}" for label, value in measured)
    return Example(image["name"], role, note, tuple(inline_image(it, longest=longest) for it in shown))


def film(samples: Path, *, count: int, longest: int) -> list[Frame]:
    """Sample sheets `epoch-<number>.png` of a folder, at most `count`, evenly spaced, ordered by epoch. Empty if there is no folder."""
    shown = evenly(sample_sheets(samples), count)
    return [Frame(epoch, inline_sheet(open_image(path), longest=longest)) for epoch, path in shown]


Shown = tuple[list[Example], list[Example], list[Frame]]


def within(most: int, examples: Sequence[Example], extremes: Sequence[Example], frames: Sequence[Frame]) -> Shown:
    """As many of each, evenly spaced, as together take at most `most` characters of the page, but two where there are two.

    So large images do not make the page slow to load: people compare their pixels, so they are neither scaled nor compressed with loss.
    """
    for count in range(max(len(examples), len(extremes), len(frames)), 2, -1):
        shown = evenly(examples, count), evenly(extremes, count), evenly(frames, count)
        if _characters(shown) <= most:
            return shown
    return evenly(examples, 2), evenly(extremes, 2), evenly(frames, 2)


def _characters(shown: Shown) -> int:
    examples, extremes, frames = shown
    images = [image for example in (*examples, *extremes) for image in example.images]
    return sum(len(image.src) for image in (*images, *(frame.image for frame in frames)))
