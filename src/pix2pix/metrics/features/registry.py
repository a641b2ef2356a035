"""Table of all feature networks; `pix2pix.evaluate.networks` loads them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Network:
    """A feature network.

    Attributes:
        name: value of `evaluate.features`.
        in_keys: its name in the keys of metrics, as in `fd_efficientnet_lite0`.
        label: its name in column headings."""

    name: str
    in_keys: str
    label: str


NETWORKS = (Network("efficientnet_lite0", "efficientnet_lite0", "Lite0"), Network("inception_v3", "inception_2015", "Inception"))


def network_label(in_keys: str) -> str:
    """Label of the network with this name in keys: `Lite0` for `efficientnet_lite0`. An unknown name is returned unchanged."""
    return next((network.label for network in NETWORKS if network.in_keys == in_keys), in_keys)
