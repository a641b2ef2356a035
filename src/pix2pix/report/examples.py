"""The pictures of a chain that the report shows."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from pix2pix.pages.error_map import error_map
from pix2pix.pages.inline_image import InlinePicture, evenly, inline_picture, open_picture
from pix2pix.report.chain import Chain
from pix2pix.system.terminal import number


@dataclass(frozen=True)
class Example:
    """Input, output, target (and the error map) of one image, with the words under them."""

    name: str
    role: str
    note: str
    pictures: tuple[InlinePicture, ...]


@dataclass(frozen=True)
class Frame:
    """The sample pictures after an epoch."""

    epoch: int
    picture: InlinePicture


@dataclass(frozen=True)
class Score:
    """One image's measures; NaN where it has none."""

    name: str
    l1: float
    ssim: float
    lpips: float = math.nan


def gallery_examples(chain: Chain, scores: Sequence[Score], *, count: int, longest: int) -> list[Example]:
    """Input, output and target of `count` images, evenly spaced over the list, as pictures of at most `longest` pixels a side."""
    return [_example(chain, score, role="", errors=False, longest=longest) for score in evenly(scores, count)]


def extreme_examples(chain: Chain, scores: Sequence[Score], *, longest: int) -> list[Example]:
    """The images with the lowest, the median and the highest difference, with error maps; fewer where these are the same image.

    By LPIPS, which goes with what people see, where it was measured; else by L1.
    """
    ranked = sorted(scores, key=lambda score: (_difference(score), score.name))
    ranked = [score for score in ranked if math.isfinite(_difference(score))]
    roles: dict[str, list[str]] = {}
    found: dict[str, Score] = {}
    for role, place in (("best", 0), ("median", (len(ranked) - 1) // 2), ("worst", len(ranked) - 1)):
        if ranked:
            found[ranked[place].name] = ranked[place]
            roles.setdefault(ranked[place].name, []).append(role)
    return [_example(chain, score, role=" and ".join(roles[name]), errors=True, longest=longest) for name, score in found.items()]


def _difference(score: Score) -> float:
    return score.l1 if math.isnan(score.lpips) else score.lpips


def _example(chain: Chain, score: Score, *, role: str, errors: bool, longest: int) -> Example:
    real_a, fake_b, real_b = (open_picture(chain.predictions / folder / f"{score.name}.png") for folder in ("inputs", "", "targets"))
    pictures: list[Image.Image] = [real_a, fake_b, real_b]
    if errors:
        pictures.append(error_map(fake_b, real_b))
    note = f"L1 {number(score.l1)}, SSIM {number(score.ssim)}" + ("" if math.isnan(score.lpips) else f", LPIPS {number(score.lpips)}")
    return Example(score.name, role, note, tuple(inline_picture(picture, longest=longest) for picture in pictures))


def film(samples: Path, *, count: int, longest: int) -> list[Frame]:
    """The sample pictures `epoch-<number>.png` of a folder, at most `count`, evenly spaced, by epoch; none where there is no folder."""
    found = [(int(match[1]), path) for path in samples.glob("epoch-*.png") if (match := re.fullmatch(r"epoch-(\d+)", path.stem))]
    return [Frame(epoch, inline_picture(open_picture(path), longest=longest)) for epoch, path in evenly(sorted(found), count)]
