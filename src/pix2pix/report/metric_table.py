"""The head table: what was measured, which way is better, and whether the model beats the answers that need no learning."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pix2pix.report.chain import FLOOR, MODEL, Answer, Chain

DASH = "–"


@dataclass(frozen=True)
class Measure:
    """A metric as people read it."""

    key: str
    label: str
    lower_is_better: bool
    meaning: str


_DISTANCE = (
    "how far the outputs as a whole, seen by a network that was trained to recognise things, lie from the real pictures. "
    "It notices blur and odd texture that the per-picture measures miss."
)
_NETWORKS = {"efficientnet_lite0": "Lite0"}
DISTANCES = ("fd", "fid", "kid")  # these name their network: fd_<network>
# Key or family of keys, label, whether lower is better, meaning in plain words; in the order of the table's columns.
_KNOWN = (
    ("l1", "L1", True, "mean difference per pixel and colour, from 0 (alike) to 1 (black against white)."),
    ("psnr", "PSNR", False, "the squared difference on a scale of decibels; 30 is close, 10 is far."),
    ("ssim", "SSIM", False, "likeness of structure in small windows, 1 for the same picture, near 0 for unrelated ones."),
    ("lpips", "LPIPS", True, "difference as a network sees it, made to agree with human judgement; 0 for the same picture."),
    ("fd", "FD", True, "Fréchet distance: " + _DISTANCE),
    ("fid", "FID", True, "Fréchet Inception distance: " + _DISTANCE),
    ("kid", "KID", True, "kernel distance, fair to small sets: " + _DISTANCE),
)


@dataclass(frozen=True)
class Cell:
    """A number as text, and whether it beats every trivial answer (None: nothing to beat)."""

    text: str
    beats: bool | None


@dataclass(frozen=True)
class Line:
    """One answer's row; `role` is `model`, `trivial` or `floor`."""

    answer: str
    role: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Verdict:
    """`all`, `some`, `none` of the measures beat every trivial answer, or `unknown`; and that in words."""

    mark: str
    text: str


@dataclass(frozen=True)
class Group:
    """One chain's rows."""

    chain: Chain
    verdict: Verdict
    lines: tuple[Line, ...]


def measures(chains: Sequence[Chain]) -> tuple[Measure, ...]:
    """The known metrics that any chain or any of its answers has, in the order of the table."""
    keys = sorted({key for chain in chains for answer in (chain.metrics, *chain.answers) for key in answer})
    found = []
    for start, label, lower, meaning in _KNOWN:
        for key in keys:
            family, _, network = key.partition("_")
            if key == start or (family == start and start in DISTANCES):
                found.append(Measure(key, f"{label} {_NETWORKS.get(network, network)}".strip(), lower, meaning))
    return tuple(found)


def group(chain: Chain, columns: Sequence[Measure]) -> Group:
    """One chain's rows of the table: the model, the trivial answers, real against real."""
    model: Answer = {**next((answer for answer in chain.answers if answer["answer"] == MODEL), {}), **chain.metrics}
    trivial = [answer for answer in chain.answers if answer["answer"] not in (MODEL, FLOOR)]
    floors = [answer for answer in chain.answers if answer["answer"] == FLOOR]
    beaten = [beats_all(model, trivial, measure) for measure in columns]
    cells = tuple(Cell(number(model.get(measure.key)), beats) for measure, beats in zip(columns, beaten, strict=True))
    others = [
        Line(str(answer["answer"]), role, tuple(Cell(number(answer.get(measure.key)), None) for measure in columns))
        for role, answers in (("trivial", trivial), ("floor", floors))
        for answer in answers
    ]
    return Group(chain, _verdict(columns, beaten), (Line(MODEL, MODEL, cells), *others))


def beats_all(model: Answer, trivial: Sequence[Answer], measure: Measure) -> bool | None:
    """Whether the model is strictly better than each trivial answer that has the measure; None when there is nothing to compare."""
    own, others = finite(model.get(measure.key)), [finite(answer.get(measure.key)) for answer in trivial]
    against = [other for other in others if other is not None]
    if own is None or not against:
        return None
    return own < min(against) if measure.lower_is_better else own > max(against)


def _verdict(columns: Sequence[Measure], beaten: Sequence[bool | None]) -> Verdict:
    won = [measure.label for measure, beats in zip(columns, beaten, strict=True) if beats]
    lost = [measure.label for measure, beats in zip(columns, beaten, strict=True) if beats is False]
    if not won and not lost:
        return Verdict("unknown", "nothing to compare with")
    if not lost:
        return Verdict("all", "beats every trivial answer")
    if not won:
        return Verdict("none", "does not beat the trivial answers")
    return Verdict("some", f"beats every trivial answer on {', '.join(won)}; not on {', '.join(lost)}")


def finite(value: object) -> float | None:
    """The value as a finite number, or None."""
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def number(value: object) -> str:
    """A measured number with four significant digits (at most four decimals) and no exponent, or a dash where there is none.

    A whole number (a count) is written in full.
    """
    found = finite(value)
    if found is None:
        return DASH
    if isinstance(value, int):
        return f"{value:,}"
    digits = 3 if found == 0 else max(0, 3 - math.floor(math.log10(abs(found))))
    return f"{found:,.{min(digits, 4)}f}".replace("-", "−")
