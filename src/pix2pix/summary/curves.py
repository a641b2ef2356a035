"""Training curves from the history of a training."""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from pix2pix.errors import UserError
from pix2pix.metrics.labels import loss_label
from pix2pix.pages.inline_svg import ACROSS, DASHES, LEFT, MARKERS, SERIES, inline_svg, new_axes
from pix2pix.system.terminal import finite


@dataclass(frozen=True)
class Series:
    """One line of a panel.

    Attributes:
        colour: its number in the panel's palette (1, 2, 3).
        by_epoch: one value per epoch, None where it was not measured.
        last, lowest: finite values only.
    """

    label: str
    colour: int
    by_epoch: tuple[float | None, ...]
    last: float
    lowest: float
    lowest_epoch: int


@dataclass(frozen=True)
class Epoch:
    """An epoch of the history. `place`: where every panel shows it, as a share of the drawing's width from the left."""

    epoch: int
    place: float


@dataclass(frozen=True)
class Curve:
    """One panel: its drawing, with title, note and legend."""

    title: str
    note: str
    series: tuple[Series, ...]
    svg: Markup


# (title, note, columns) of each panel
PANELS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Validation L1 loss", "On the validation split; it should fall, then level out.", ("val_l1",)),
    ("Training L1 loss", "The generator's L1 loss on the training images, before it is weighted.", ("loss_g_l1",)),
    (
        "Adversarial losses",
        "Generator (G) against discriminator (D). The two keep each other in balance; neither should run away.",
        ("loss_g_gan", "loss_d_real", "loss_d_fake"),
    ),
    ("Learning rate", "The size of the optimiser's steps.", ("lr",)),
)


def training_curves(history: Path, *, name: str) -> tuple[Curve, ...]:
    """Draw the history of a training, one panel for each group of columns in PANELS.

    Args:
        history: CSV file with a column `epoch` (from 1) and any of those in `PANELS`; another `loss_g_…` has a panel of its own. An empty
            field is a number that was not measured. A panel without any number is left out.
        name: unique in the page, letters, digits and `-`.

    Raises:
        UserError: the file is missing, has no rows, or has a field that is not a number.
    """
    measured = _read(history)
    epochs = measured["epoch"]
    shown = {column for _, _, columns in PANELS for column in columns}
    more = [column for column in measured if column.startswith("loss_g_") and column not in shown]
    note = "A further term of the generator's loss, before it is weighted."
    further = [(loss_label(column).capitalize(), note, (column,)) for column in more]
    curves = []
    for index, (title, note, columns) in enumerate((*PANELS, *further)):
        lines = [(loss_label(column), measured[column]) for column in columns if column in measured]
        lines = [(label, values) for label, values in lines if any(map(math.isfinite, values))]
        if lines:
            series = tuple(_series(label, place, epochs, values) for place, (label, values) in enumerate(lines, start=1))
            curves.append(Curve(title, note, series, _draw(epochs, lines, name=f"{name}-{index}", label=_spoken(title, series))))
    return tuple(curves)


def epochs(history: Path) -> tuple[Epoch, ...]:
    """The epochs of a history, and their places in the drawings of `training_curves`. Raises UserError as it does."""
    found = _read(history)["epoch"]
    first, last = _limits(found)
    return tuple(Epoch(int(epoch), round(LEFT + ACROSS * (epoch - first) / (last - first), 4)) for epoch in found)


def _limits(found: Sequence[float]) -> tuple[float, float]:
    """First and last epoch on the axis; one epoch alone is in the middle."""
    return (found[0] - 1, found[0] + 1) if len(found) == 1 else (min(found), max(found))


def _read(history: Path) -> dict[str, list[float]]:
    """Column -> its numbers; an empty field is NaN."""
    try:
        with history.open(encoding="utf-8", newline="") as file:
            header, *rows = list(csv.reader(file, strict=True))
            columns = zip(*([float(field or "nan") for field in row] for row in rows), strict=True)
            found = {name: list(column) for name, column in zip(header, columns, strict=True)}
        if not all(map(float.is_integer, found["epoch"])):
            raise ValueError("an epoch is no whole number")
    except OSError as error:
        raise UserError(f"{history} cannot be read ({error.strerror}): run the training again") from None
    except (ValueError, KeyError, csv.Error) as error:
        raise UserError(f"{history} is no history of a training ({error}): run the training again") from None
    return found


def _series(label: str, place: int, epochs: Sequence[float], values: Sequence[float]) -> Series:
    measured = [(value, epoch) for value, epoch in zip(values, epochs, strict=True) if math.isfinite(value)]
    lowest, lowest_epoch = min(measured)
    return Series(label, place, tuple(map(finite, values)), measured[-1][0], lowest, int(lowest_epoch))


def _spoken(title: str, series: Sequence[Series]) -> str:
    return f"{title} by epoch: " + "; ".join(f"{line.label} ends at {line.last:.3g}" for line in series)


def _draw(epochs: Sequence[float], lines: Sequence[tuple[str, Sequence[float]]], *, name: str, label: str) -> Markup:
    figure, axes = new_axes()
    every = -(-len(epochs) // 12)  # a marker at every epoch, or at about twelve of them
    for place, ((_, values), colour, dashes, marker) in enumerate(zip(lines, SERIES, DASHES, MARKERS, strict=False)):
        start = place * every // len(lines)  # so that lines that lie on each other show their markers in turn
        axes.plot(epochs, values, color=colour, linestyle=dashes, linewidth=2, marker=marker, markersize=5, markevery=(start, every))
    lowest = min(value for _, values in lines for value in values if math.isfinite(value))
    axes.set_ylim(bottom=min(0, lowest))
    axes.set_xlim(*_limits(epochs))
    quiet_ticks(axes)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    return inline_svg(figure, name=name, label=label)


def quiet_ticks(axes: Axes) -> None:
    """Set few, round tick labels, written in full: no common offset or power of ten."""
    axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.6g}".replace("e-0", "e-")))
