"""Write the outputs of a trained generator for a dataset of prepared images."""

from pathlib import Path

import torch
from PIL import Image
from tqdm import tqdm

from pix2pix.data.dataset import ImageDataset
from pix2pix.data.prediction_folders import INPUTS, TARGETS
from pix2pix.errors import UserError
from pix2pix.inference.pipeline import ImageToImage
from pix2pix.models.files import SavedModel
from pix2pix.system.atomic_write import atomic_folder, write_errors


def predict_dataset(
    model: SavedModel, images: ImageDataset, folder: Path, *, norm: str | None, batch_size: int, device: torch.device
) -> None:
    """Write the output for every image as `<name>.png`, and `inputs/<name>.png` and `targets/<name>.png`, to `folder`, atomically.

    norm: batch, running, or None for `model.norm`. batch_size: images read and written at once; it does not change the files.
    Raises UserError if model and images have different colour planes, or the folder cannot be written.
    """
    planes = images.planes
    if planes != model.planes:
        raise UserError(
            f"the model turns {model.planes.input} into {model.planes.target}, "
            f"the images hold {planes.input} and {planes.target}; prepare and train with the same kind and direction"
        )
    pipeline = ImageToImage(model, norm).to(device)
    bar = tqdm(total=len(images), desc=f"infer {model.dataset}", unit="image", disable=None)
    with torch.inference_mode(), write_errors(folder), atomic_folder(folder) as temporary, bar:
        for part in (temporary / INPUTS, temporary / TARGETS):
            part.mkdir()
        for names, real_a, real_b in images.pairs(batch_size):
            # one image at a time: the same bytes for any batch_size
            fake_b = torch.cat([pipeline.generate(one.to(device)) for one in real_a.split(1)]).cpu()
            for part, rgb in (
                (temporary, pipeline.postprocess(real_a, fake_b)),
                (temporary / INPUTS, planes.input_rgb(real_a)),
                (temporary / TARGETS, planes.output_rgb(real_a, real_b)),
            ):
                for name, image in zip(names, rgb, strict=True):
                    Image.fromarray(image.numpy()).save(part / f"{name}.png")
            bar.update(len(names))
