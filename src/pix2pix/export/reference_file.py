"""Write a generator's weights as the file that the PyTorch reference saves and loads."""

from pathlib import Path

import torch

from pix2pix.errors import UserError
from pix2pix.models.files import SavedModel
from pix2pix.models.reference_weights import RESNETS, NotTheReference, to_reference
from pix2pix.system.atomic_write import atomic_path, write_errors


def write_reference_weights(model: SavedModel, path: Path) -> str:
    """Write `latest_net_G.pth` to `path`, atomically; returns the options with which the reference's programs load it.

    Raises UserError if the reference has no such generator, or the file cannot be written.
    """
    settings, planes = model.settings, model.planes
    try:
        state = to_reference(model.generator, settings)
    except NotTheReference as error:
        raise UserError(f"{path} was not written: {error}; the reference is pytorch-CycleGAN-and-pix2pix") from None
    with write_errors(path), atomic_path(path) as temporary:
        torch.save(state, temporary)
    network = f"resnet_{RESNETS[settings.generator].blocks}blocks" if settings.generator in RESNETS else f"unet_{settings.crop_size}"
    channels = f"--input_nc {planes.channels_in} --output_nc {planes.channels_out}"
    return f"--netG {network} --norm {settings.norm} --ngf {settings.ngf} {channels}" + ("" if settings.dropout else " --no_dropout")
