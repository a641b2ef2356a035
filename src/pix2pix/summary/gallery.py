"""The gallery of a dataset with the metrics of each image."""

import os
from pathlib import Path

from pix2pix.metrics.registry import columns
from pix2pix.pages.gallery import ImageMetric, write_gallery
from pix2pix.summary.chain import Chain
from pix2pix.system.terminal import finite


def write_measured_gallery(path: Path, chain: Chain) -> None:
    """Write the gallery of the chain's predictions with the headline metrics of each image, as one HTML file beside no images."""
    images = chain.evaluation["images"]
    metrics = [
        ImageMetric(column.key, column.label, bool(column.lower_is_better), [finite(image.get(column.key)) for image in images])
        for column in columns({key for image in images for key in image})
    ]
    folder = os.path.relpath(chain.predictions, path.parent)
    write_gallery(path, title=chain.dataset, names=[str(image["name"]) for image in images], images=folder, metrics=metrics)
