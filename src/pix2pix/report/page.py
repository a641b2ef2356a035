"""The report over all chains: one page that holds everything it shows."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from pix2pix.metrics.labels import Measure, labelled
from pix2pix.metrics.record_names import FLOOR, MODEL
from pix2pix.pages.error_map import COLOURS, GAIN
from pix2pix.pages.histogram import histogram
from pix2pix.pages.html import write_page
from pix2pix.report.chain import Chain, Number
from pix2pix.report.curves import Curve, training_curves
from pix2pix.report.examples import Example, Frame, Score, extreme_examples, film, gallery_examples
from pix2pix.report.metric_table import Line, group, measures, set_table
from pix2pix.system.terminal import DASH, finite, number

FRAMES = 10


@dataclass(frozen=True)
class Spread:
    """A histogram of one measure over the images, with the means that are marked in it."""

    label: str
    svg: Markup
    marks: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Section:
    """One chain as the page shows it."""

    anchor: str
    chain: Chain
    settings: tuple[tuple[str, str], ...]
    examples: list[Example]
    extremes: list[Example]
    ranked_by: str
    curves: tuple[Curve, ...]
    film: list[Frame]
    spreads: list[Spread]
    set_columns: tuple[Measure, ...]
    set_lines: tuple[Line, ...]


def write_report(path: Path, chains: Sequence[Chain], *, title: str = "What the models learned", examples: int = 8) -> None:
    """Write the report over all chains as one HTML file that needs nothing beside it.

    Pictures are inside the page, at most 256 pixels a side (160 when there are more than three chains, to keep the page under some 10 MB).
    The same inputs give the same bytes.

    Args:
        path: the HTML file; its folder is made.
        chains: one chain or more, in the order of the page, each with a name of its own.
        title: what stands over the page.
        examples: how many images of each chain are shown as input, output and target.

    Raises:
        UserError: a file that a chain names is missing or damaged.
        ValueError: no chains, or two of one name.
    """
    if not chains or len({chain.dataset for chain in chains}) < len(chains):
        raise ValueError("the report needs chains, each with a name of its own")
    longest = 256 if len(chains) <= 3 else 160
    columns = measures(chains)
    write_page(
        path,
        "report/report.html",
        title=title,
        columns=columns,
        groups=[group(chain, columns) for chain in chains],
        sections=[_section(chain, f"chain-{place}", examples, longest) for place, chain in enumerate(chains, start=1)],
        cautions=sorted({labelled(chain.caution, columns) for chain in chains if chain.caution}),
        frechet=[column.label for column in columns if column.key.startswith("fd_")],
        resizes=sorted({chain.resize for chain in chains if chain.resize}),
        images=sorted({int(count) for chain in chains if (count := finite(chain.metrics.get("images"))) is not None}),
        gradient=", ".join(f"rgb{colour}" for colour in COLOURS),
        dash=DASH,
        brightest=f"{1 / GAIN:g}",
    )


def _section(chain: Chain, anchor: str, examples: int, longest: int) -> Section:
    scores = _scores(chain.per_image)
    set_columns, set_lines = set_table(chain)
    return Section(
        anchor=anchor,
        chain=chain,
        settings=tuple((name, _setting(value)) for name, value in chain.settings.items()),
        examples=gallery_examples(chain, scores, count=examples, longest=longest),
        extremes=extreme_examples(chain, scores, longest=longest),
        ranked_by="LPIPS" if any(math.isfinite(score.lpips) for score in scores) else "L1",
        curves=training_curves(chain.history, name=f"{anchor}-curve"),
        film=film(chain.samples, count=FRAMES, longest=int(longest * 2.5)),
        spreads=[
            spread
            for key, label in (("l1", "L1"), ("ssim", "SSIM"), ("lpips", "LPIPS"))
            if (spread := _spread(chain, key, label, [getattr(score, key) for score in scores], name=f"{anchor}-{key}"))
        ],
        set_columns=set_columns,
        set_lines=set_lines,
    )


def _scores(per_image: Sequence[Mapping[str, str | Number]]) -> list[Score]:
    return [Score(str(row["name"]), *(_value(row.get(key)) for key in ("l1", "ssim", "lpips"))) for row in per_image]


def _value(number: str | Number) -> float:
    return math.nan if number is None else float(number)


def _spread(chain: Chain, key: str, label: str, values: Sequence[float], *, name: str) -> Spread | None:
    measured = [value for value in values if math.isfinite(value)]
    if not measured:
        return None
    mean = math.fsum(measured) / len(measured)
    trivial = [
        (value, str(answer["answer"]))
        for answer in chain.answers
        if answer["answer"] not in (MODEL, FLOOR) and (value := finite(answer.get(key))) is not None
    ]
    nearest = [max(trivial) if key == "ssim" else min(trivial)] if trivial else []
    marks = [(mean, "mean of the model"), *((value, f"mean of the best trivial answer ({answer})") for value, answer in nearest)]
    words = tuple((text, number(value)) for value, text in marks)
    spoken = f"{label} of {len(measured)} images, from {number(min(measured))} to {number(max(measured))}; " + "; ".join(
        f"{text} {value}" for text, value in words
    )
    return Spread(label, histogram(measured, marks=[value for value, _ in marks], name=name, label=spoken), words)


def _setting(value: object) -> str:
    if value is None:
        return DASH
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
