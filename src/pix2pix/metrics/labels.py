"""Names, directions and meanings of the metrics, for every program that shows them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


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
HEAD = (
    ("l1", "L1", True, "mean difference per pixel and colour, from 0 (alike) to 1 (black against white)."),
    ("psnr", "PSNR", False, "the squared difference on a scale of decibels; 30 is close, 10 is far."),
    ("ssim", "SSIM", False, "likeness of structure in small windows, 1 for the same picture, near 0 for unrelated ones."),
    ("lpips", "LPIPS", True, "difference as a network sees it, made to agree with human judgement; 0 for the same picture."),
    ("fd", "FD", True, "Fréchet distance: " + _DISTANCE),
    ("fid", "FID", True, "Fréchet Inception distance: " + _DISTANCE),
    ("kid", "KID", True, "kernel distance, fair to small sets and near 0 where there is no difference: " + _DISTANCE),
)
# The same, for measures that say something about a whole set and have a table of their own.
SETS = (
    ("precision", "Precision", False, "share of the outputs that lie among the real pictures, as the network sees them."),
    ("recall", "Recall", False, "share of the real pictures that lie among the outputs: low where the model draws some kinds only."),
    ("ab_distance", "Colours apart", True, "0 for the real pictures' mix of colours (a and b of CIE Lab), 1 for none in common."),
    ("colourfulness", "Colourfulness", None, "0 for grey, 33 moderate, 109 extremely colourful; best near that of the real pictures."),
)


def labelled(text: str, columns: Sequence[Measure]) -> str:
    """The text with the metrics' names as the table has them."""
    for column in columns:
        text = text.replace(column.key, column.label)
    return text


def known(keys: Iterable[str], *, kid_first: bool) -> tuple[Measure, ...]:
    """The metrics of the head table that are among `keys`, in its order; `kid_first` where the images are too few for the others."""
    found = find(HEAD, keys)
    if kid_first:
        found.sort(key=lambda measure: ("kid", "fd", "fid").index(_family(measure)) if _family(measure) in DISTANCES else -1)
    return tuple(found)


def find(known: Sequence[tuple[str, str, bool | None, str]], keys: Iterable[str]) -> list[Measure]:
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
