"""The head table: what was measured, which way is better, and whether the model beats the answers that need no learning."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pix2pix.metrics.record_names import FLOOR, MODEL
from pix2pix.pages.number_text import finite, number
from pix2pix.report.chain import Answer, Chain, Intervals, Number


@dataclass(frozen=True)
class Measure:
    """A metric as people read it; `lower_is_better` is None for one that should come near the real pictures' value."""

    key: str
    label: str
    lower_is_better: bool | None
    meaning: str

    @property
    def arrow(self) -> str:
        """Which way is better."""
        return {True: "↓", False: "↑", None: ""}[self.lower_is_better]


_DISTANCE = (
    "how far the outputs as a whole, seen by a network that was trained to recognise things, lie from the real pictures. "
    "It notices blur and odd texture that the per-picture measures miss."
)
_NETWORKS = {"efficientnet_lite0": "Lite0"}
DISTANCES = ("fd", "fid", "kid")  # these name their network: fd_<network>
# Key or family of keys, label, whether lower is better, meaning in plain words; in the order of the table's columns.
_HEAD = (
    ("l1", "L1", True, "mean difference per pixel and colour, from 0 (alike) to 1 (black against white)."),
    ("psnr", "PSNR", False, "the squared difference on a scale of decibels; 30 is close, 10 is far."),
    ("ssim", "SSIM", False, "likeness of structure in small windows, 1 for the same picture, near 0 for unrelated ones."),
    ("lpips", "LPIPS", True, "difference as a network sees it, made to agree with human judgement; 0 for the same picture."),
    ("fd", "FD", True, "Fréchet distance: " + _DISTANCE),
    ("fid", "FID", True, "Fréchet Inception distance: " + _DISTANCE),
    ("kid", "KID", True, "kernel distance, fair to small sets and near 0 where there is no difference: " + _DISTANCE),
)
# The same, for measures that say something about a whole set and have a table of their own.
_SETS = (
    ("precision", "Precision", False, "share of the outputs that lie among the real pictures, as the network sees them."),
    ("recall", "Recall", False, "share of the real pictures that lie among the outputs: low where the model draws some kinds only."),
    ("ab_distance", "Colours apart", True, "0 for the real pictures' mix of colours (a and b of CIE Lab), 1 for none in common."),
    ("colourfulness", "Colourfulness", None, "0 for grey, 33 moderate, 109 extremely colourful; best near that of the real pictures."),
)


@dataclass(frozen=True)
class Cell:
    """A number as text, whether it beats every trivial answer (None: nothing to beat), and its 95 % interval, "" where it has none."""

    text: str
    beats: bool | None
    interval: str = ""


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


def labelled(text: str, columns: Sequence[Measure]) -> str:
    """The text with the metrics' names as the table has them."""
    for column in columns:
        text = text.replace(column.key, column.label)
    return text


def measures(chains: Sequence[Chain]) -> tuple[Measure, ...]:
    """The known metrics that any chain or any of its answers has, in the order of the head table."""
    keys = {key for chain in chains for answer in (chain.metrics, *chain.answers) for key in answer}
    return known(keys, kid_first=any(chain.caution for chain in chains))


def known(keys: Iterable[str], *, kid_first: bool) -> tuple[Measure, ...]:
    """The metrics of the head table that are among `keys`, in its order; `kid_first` where the images are too few for the others."""
    found = _find(_HEAD, keys)
    if kid_first:
        found.sort(key=lambda measure: ("kid", "fd", "fid").index(_family(measure)) if _family(measure) in DISTANCES else -1)
    return tuple(found)


def set_table(chain: Chain) -> tuple[tuple[Measure, ...], tuple[Line, ...]]:
    """Columns and rows of what the answers of a chain are as whole sets; no columns where nothing of it was measured."""
    columns = tuple(_find(_SETS, {key for answer in chain.answers for key in answer}))
    return columns, tuple(_line(answer, columns, chain.intervals) for answer in chain.answers)


def group(chain: Chain, columns: Sequence[Measure]) -> Group:
    """One chain's rows of the table: the model, the trivial answers, real against real."""
    model: Answer = {**next((answer for answer in chain.answers if answer["answer"] == MODEL), {"answer": MODEL}), **chain.metrics}
    trivial = [answer for answer in chain.answers if answer["answer"] not in (MODEL, FLOOR)]
    beaten = [beats_all(model, trivial, measure) for measure in columns]
    first = _line(model, columns, chain.intervals)
    first = replace(first, cells=tuple(replace(cell, beats=beats) for cell, beats in zip(first.cells, beaten, strict=True)))
    others = [_line(answer, columns, chain.intervals) for answer in chain.answers if answer["answer"] != MODEL]
    return Group(chain, _verdict(columns, beaten), (first, *others))


def _find(known: Sequence[tuple[str, str, bool | None, str]], keys: Iterable[str]) -> list[Measure]:
    found = []
    for start, label, lower, meaning in known:
        for key in sorted(set(keys)):
            family, _, network = key.partition("_")
            if key == start or (family == start and start in DISTANCES):
                name = f"{label} {_NETWORKS.get(network, network)}".strip() if start in DISTANCES else label
                found.append(Measure(key, name, lower, meaning))
    return found


def _family(measure: Measure) -> str:
    return measure.key.partition("_")[0]


def _line(answer: Answer, columns: Sequence[Measure], intervals: Intervals) -> Line:
    name = str(answer["answer"])
    bounds = intervals.get(name, {})
    cells = [Cell(number(answer.get(measure.key)), None, interval(bounds.get(measure.key))) for measure in columns]
    return Line(name, {MODEL: MODEL, FLOOR: "floor"}.get(name, "trivial"), tuple(cells))


def interval(bounds: Mapping[str, Number] | None) -> str:
    """The two ends of an interval as text, "" where there is none."""
    if bounds is None or finite(bounds.get("low")) is None or finite(bounds.get("high")) is None:
        return ""
    return f"{number(bounds['low'])} to {number(bounds['high'])}"


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
