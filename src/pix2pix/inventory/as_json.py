"""The datasets as data for another program."""

from pix2pix.inventory.dataset import Dataset


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
        "published": _published(dataset),
    }


def _published(dataset: Dataset) -> dict[str, object] | None:
    if dataset.published is None:
        return None
    told = {**vars(dataset.published), "splits": dict(dataset.published.splits), "layout": dataset.published.layout}
    return {key: value for key, value in told.items() if key not in ("name", "kind", "direction")}
