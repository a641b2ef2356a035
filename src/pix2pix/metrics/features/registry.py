"""All feature networks, as a table; `pix2pix.evaluate.networks` loads them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Network:
    """A feature network: its name in `evaluate.features` and in the keys of metrics, and its label in the heading of a column."""

    name: str
    in_keys: str
    label: str


NETWORKS = (Network("efficientnet_lite0", "efficientnet_lite0", "Lite0"), Network("inception_v3", "inception_2015", "Inception"))


def network_label(in_keys: str) -> str:
    """The label of the network that a key names, `Lite0` for `efficientnet_lite0`; the name itself where no network has it."""
    return next((network.label for network in NETWORKS if network.in_keys == in_keys), in_keys)
