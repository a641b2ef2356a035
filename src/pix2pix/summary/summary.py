"""Everything the report shows of one dataset, in one JSON file: the report reads no other output of the dataset's stages."""

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from pix2pix.metrics.labels import MODEL, REFERENCE
from pix2pix.metrics.metric import ImageMetric
from pix2pix.metrics.registry import METRICS
from pix2pix.pages.histogram import histogram
from pix2pix.summary.chain import Chain
from pix2pix.summary.curves import epochs, training_curves
from pix2pix.summary.examples import extreme_examples, film, gallery_examples, within
from pix2pix.system.atomic_write import write_json
from pix2pix.system.terminal import DASH, finite, number

EXAMPLES = 8  # images shown as input, output and target
FRAMES = 10  # sample sheets shown, at most
LONGEST = 512  # pixels of an image's longer side
MOST = 1_850_000  # characters of a dataset's images, so that a report of three datasets at 256 pixels stays under 6 MB


@dataclass(frozen=True)
class Spread:
    """Histogram of one metric over the images. `marks`: (description, value) of each marked mean, as text."""

    label: str
    svg: Markup
    marks: tuple[tuple[str, str], ...]


def write_summary(path: Path, chain: Chain) -> None:
    """Write `summarize(chain)` as JSON, atomically. Raises UserError if a file of the chain is missing or damaged."""
    write_json(path, summarize(chain))


def summarize(chain: Chain, *, examples: int = EXAMPLES) -> dict[str, Any]:
    """Return the summary as JSON values, with images and drawings. The same files give the same summary.

    Returns:
        `dataset`, `kind`, `direction`, `gallery`, `model_sha256`: as in `Chain`; `metrics`, `rows`, `intervals`, `differences`, `resize`,
        `caution`, `images`: as in the evaluation; `settings`: pairs of texts; `examples` and `extremes`: see `Example`; `ranked_by`: the
        metric of the extremes; `curves`: see `Curve`; `epochs`: see `Epoch`; `film`: sample sheets by epoch, see `Frame`;
        `spreads`: see `Spread`.

    Raises UserError if a file of the chain is missing or damaged.
    """
    evaluation = chain.evaluation
    images = evaluation["images"]
    ranking = "lpips" if any(finite(image.get("lpips")) is not None for image in images) else "l1"
    metrics = {metric.name: metric for metric in METRICS if isinstance(metric, ImageMetric) and metric.headline}
    spreads = (_spread(chain, metric) for metric in metrics.values())
    examples_shown, extremes, frames = within(
        MOST,
        gallery_examples(chain.predictions, images, count=examples, longest=LONGEST),
        extreme_examples(chain.predictions, images, ranking, longest=LONGEST),
        film(chain.samples, count=FRAMES, longest=640),
    )
    return {
        "dataset": chain.dataset,
        "kind": chain.kind,
        "direction": chain.direction,
        "gallery": chain.gallery,
        "model_sha256": chain.model_sha256,
        **{key: evaluation[key] for key in ("metrics", "rows", "intervals", "differences", "resize", "caution", "images")},
        "settings": [(name, _setting(value)) for name, value in chain.settings.items()],
        "examples": [asdict(example) for example in examples_shown],
        "extremes": [asdict(example) for example in extremes],
        "ranked_by": metrics[ranking].label,
        "curves": [asdict(curve) for curve in training_curves(chain.history, name=f"drawing-{chain.dataset}")],
        "epochs": [asdict(epoch) for epoch in epochs(chain.history)],
        "film": [asdict(frame) for frame in frames],
        "spreads": [asdict(spread) for spread in spreads if spread],
    }


def _spread(chain: Chain, metric: ImageMetric) -> Spread | None:
    """Histogram of one metric over the images; None if no image has it."""
    measured = [value for image in chain.evaluation["images"] if (value := finite(image.get(metric.name))) is not None]
    if not measured:
        return None
    others = [row for row in chain.evaluation["rows"] if row["name"] not in (MODEL, REFERENCE)]
    baselines = [(value, row["name"]) for row in others if (value := finite(row.get(metric.name))) is not None]
    best = [min(baselines) if metric.direction == "lower" else max(baselines)] if baselines else []
    mean = math.fsum(measured) / len(measured)
    marks = [(mean, "mean of the model"), *((value, f"mean of the best baseline ({name})") for value, name in best)]
    words = tuple((text, number(value)) for value, text in marks)
    spoken = f"{metric.label} of {len(measured)} images, from {number(min(measured))} to {number(max(measured))}; " + "; ".join(
        f"{text} {value}" for text, value in words
    )
    drawing = histogram(measured, marks=[value for value, _ in marks], name=f"drawing-{chain.dataset}-{metric.name}", label=spoken)
    return Spread(metric.label, drawing, words)


def _setting(value: object) -> str:
    if value is None:
        return DASH
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
