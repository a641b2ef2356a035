"""Names of losses and metrics in MLflow and TensorBoard: `section/name`. Both show a section for each word before the slash.

The name of a metric is its label in tables; that of a loss is the PyTorch reference's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pix2pix.metrics.registry import METRICS, NETWORKS, label

Value = TypeVar("Value")
TEST, REFERENCE = "test/", "reference/"  # sections of an evaluation: the outputs, and real images against real ones
_OLD_SECTIONS = {"test.": TEST, "reference.": REFERENCE, "floor.": REFERENCE}  # of runs recorded before December 2026
_CURVES = {
    "loss_g_gan": "loss/G_GAN",
    "loss_g_l1": "loss/G_L1",
    "loss_d_real": "loss/D_real",
    "loss_d_fake": "loss/D_fake",
    "val_l1": "val/L1_loss",
    "lr": "train/lr",
    "images_per_second": "train/images_per_second",
}
_KEYS = {label(key): key for metric in METRICS for network in NETWORKS if (key := metric.key(network.in_keys))}


def curve_name(column: str) -> str:
    """Name of a column of data/history/<dataset>.csv: `loss/G_GAN` of `loss_g_gan`, `loss/G_<term>` of a further term of G's loss."""
    if column.startswith("loss_g_") and column not in _CURVES:
        return f"loss/G_{column.removeprefix('loss_g_')}"
    return _CURVES.get(column, column)


def metric_name(section: str, key: str) -> str:
    """Name of a metric by its section, TEST or REFERENCE, and its key in data/metrics/<dataset>.json: `test/KID Lite0`."""
    return section + label(key)


def in_section(section: str, recorded: Mapping[str, Value]) -> dict[str, Value]:
    """The values of one section by key in data/metrics/<dataset>.json, of all values by today's names."""
    found = {name.removeprefix(section): value for name, value in recorded.items() if name.startswith(section)}
    return {_KEYS.get(name, name): value for name, value in found.items()}


def todays_name(name: str) -> str:
    """Today's name of a value that an earlier version recorded; a name of today is returned unchanged."""
    for old, section in _OLD_SECTIONS.items():
        if name.startswith(old):
            return metric_name(section, name.removeprefix(old))
    return curve_name(name)
