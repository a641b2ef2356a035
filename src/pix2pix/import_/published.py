"""Generators that the authors of the PyTorch reference published, by the names of its scripts/download_pix2pix_model.sh."""

from dataclasses import dataclass

_FILES = "efrosgans.eecs.berkeley.edu/pix2pix/models-pytorch/{name}.pth"


@dataclass(frozen=True)
class PublishedModel:
    """Name of a published generator, the dataset and direction that it was trained on. All are U-Nets of 256 pixels."""

    name: str
    dataset: str
    direction: str
    palette: str | None = None  # of its inputs, where they are label maps

    @property
    def mirrors(self) -> tuple[str, ...]:
        """Addresses of the file, to be tried in turn."""
        return tuple(f"{scheme}://{_FILES.format(name=self.name)}" for scheme in ("https", "http"))


# The authors publish no digests; `pix2pix import` writes that of the file it read into model.json.
PUBLISHED = {
    model.name: model
    for model in (
        PublishedModel("facades_label2photo", "facades", "BtoA", palette="facades"),
        PublishedModel("edges2shoes", "edges2shoes", "AtoB"),
        PublishedModel("sat2map", "maps", "AtoB"),
        PublishedModel("map2sat", "maps", "BtoA"),
        PublishedModel("day2night", "night2day", "BtoA"),
    )
}
