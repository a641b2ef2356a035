"""What the report is told about one dataset's chain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

Number = float | int | None
Answer = Mapping[str, str | Number]  # {"answer": "model", "l1": 0.1, ...}; None or NaN: not measured
Intervals = Mapping[str, Mapping[str, Mapping[str, Number]]]  # {"model": {"l1": {"low": 0.08, "high": 0.12}, ...}, ...}


@dataclass(frozen=True)
class Chain:
    """One dataset, trained, tested and measured.

    Attributes:
        dataset: its name; unique in the report.
        kind: `pairs` or `lab`.
        direction: `AtoB` or `BtoA`; None where the kind has none.
        metrics: the model's test metrics, with `images` and `epochs` beside them.
        answers: the same metrics of the model, of the trivial answers, and of real pictures against other real ones.
        history: CSV file, a row per epoch (see `training_curves`).
        per_image: of each image its `name`, `l1`, `ssim` and, where it was measured, `lpips`.
        predictions: folder with `<name>.png`, `inputs/<name>.png`, `targets/<name>.png`.
        samples: folder with `epoch-<number>.png`; may be missing or empty.
        settings: what the model was trained with, in the order to be shown.
        intervals: the 95 % intervals of the answers' metrics, as far as they have any.
        resize: the resize in front of the network of the distances, which is part of them; "" where it is not known.
        caution: what to know about the distances where the images are too few for them, "" where they are not.
        gallery: address of the page with all pictures, relative to the report; empty for no link.
    """

    dataset: str
    kind: str
    direction: str | None
    metrics: Mapping[str, Number]
    answers: Sequence[Answer]
    history: Path
    per_image: Sequence[Mapping[str, str | Number]]
    predictions: Path
    samples: Path
    settings: Mapping[str, object] = field(default_factory=dict)
    intervals: Intervals = field(default_factory=dict)
    resize: str = ""
    caution: str = ""
    gallery: str = ""
