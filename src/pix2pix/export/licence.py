"""Whose terms the training pictures came under. Never guessed: a name alone does not say where pictures are from."""

from pix2pix.download import catalogue

UNKNOWN = "unknown"


def licence_of(dataset: str, source: str | None) -> str:
    """In a sentence; `source`: where the pictures came from as params.yaml says it, None where nobody knows."""
    if source == "sample":
        return "Drawn by this project's own program."
    published = catalogue.find(dataset) if source == "published" else None
    return published.licence if published else UNKNOWN
