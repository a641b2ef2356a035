"""The head table: what was measured, which way is better, and whether the model beats the answers that need no learning."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pix2pix.metrics.labels import SETS, Measure, find, known
from pix2pix.metrics.record_names import FLOOR, MODEL
from pix2pix.report.chain import Answer, Chain, Intervals
from pix2pix.system.terminal import finite, interval, number


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


def measures(chains: Sequence[Chain]) -> tuple[Measure, ...]:
    """The known metrics that any chain or any of its answers has, in the order of the head table."""
    keys = {key for chain in chains for answer in (chain.metrics, *chain.answers) for key in answer}
    return known(keys, kid_first=any(chain.caution for chain in chains))


def set_table(chain: Chain) -> tuple[tuple[Measure, ...], tuple[Line, ...]]:
    """Columns and rows of what the answers of a chain are as whole sets; no columns where nothing of it was measured."""
    columns = tuple(find(SETS, {key for answer in chain.answers for key in answer}))
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


def _line(answer: Answer, columns: Sequence[Measure], intervals: Intervals) -> Line:
    name = str(answer["answer"])
    bounds = intervals.get(name, {})
    cells = [Cell(number(answer.get(measure.key)), None, interval(bounds.get(measure.key))) for measure in columns]
    return Line(name, {MODEL: MODEL, FLOOR: "floor"}.get(name, "trivial"), tuple(cells))


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
