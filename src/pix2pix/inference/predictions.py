"""Outputs of a trained generator as pictures."""

from pathlib import Path

import torch
from PIL import Image
from tqdm import tqdm

from pix2pix.data.dataset import ImageDataset
from pix2pix.data.prediction_folders import INPUTS, TARGETS
from pix2pix.errors import UserError
from pix2pix.models.files import SavedModel
from pix2pix.models.inference_mode import ready, translate
from pix2pix.system.atomic_write import atomic_folder, write_errors


def predict_store(model: SavedModel, store: ImageDataset, folder: Path, *, norm: str | None, batch_size: int, device: torch.device) -> None:
    """Write the output for every image of `store` as `<name>.png`, with `inputs/<name>.png` and `targets/<name>.png` beside it.

    `norm`: batch, running, or None for what fits the training. `batch_size`: images read and written at once.
    `folder` is written atomically.
    Raises UserError where model and images do not belong together.
    """
    if store.planes != model.planes:
        raise UserError(
            f"the model turns {model.planes.input} into {model.planes.target}, "
            f"the images hold {store.planes.input} and {store.planes.target}; prepare and train with the same kind and direction"
        )
    generator = ready(model.generator, norm or model.norm).to(device)
    bar = tqdm(total=len(store), desc=f"infer {model.dataset}", unit="image", disable=None)
    with write_errors(folder), atomic_folder(folder) as temporary, bar:
        for part in (temporary / INPUTS, temporary / TARGETS):
            part.mkdir()
        for names, real_a, real_b in store.pairs(batch_size):
            fake_b = translate(generator, real_a.to(device), 1).cpu()  # one by one: the same bytes for any batch_size
            planes = store.planes
            for part, pictures in (
                (temporary, planes.output_rgb(real_a, fake_b)),
                (temporary / INPUTS, planes.input_rgb(real_a)),
                (temporary / TARGETS, planes.output_rgb(real_a, real_b)),
            ):
                for name, picture in zip(names, pictures, strict=True):
                    Image.fromarray(picture.numpy()).save(part / f"{name}.png")
            bar.update(len(names))
