"""The datasets as data for another program."""

from pix2pix.datasets.dataset import Dataset
from pix2pix.download.catalogue import PublishedSet


def as_json(dataset: Dataset) -> dict[str, object]:
    """Everything that is known of one dataset; sizes in bytes, null for what is not known or not there."""
    return {
        "name": dataset.name,
        "kind": dataset.kind,
        "direction": dataset.direction,
        "active": dataset.active,
        "sources": dict(dataset.sources),
        "here": dict(dataset.here),
        "prepared_images": dict(dataset.images),
        "published": _published(dataset.published) if dataset.published else None,
    }


def _published(published: PublishedSet) -> dict[str, object]:
    by_hand = published.by_hand.format(key=f"scales.<scale>.{published.name}.source")
    return {**vars(published), "splits": dict(published.splits), "layout": published.layout, "by_hand": by_hand}
