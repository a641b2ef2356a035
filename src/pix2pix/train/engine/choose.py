"""Which engine a training runs on."""

import torch

from pix2pix.config.train_settings import TrainSettings
from pix2pix.errors import UserError
from pix2pix.train.engine.compiled import CompiledEngine
from pix2pix.train.engine.interface import Engine, PlainEngine
from pix2pix.train.engine.streams import StreamsEngine
from pix2pix.train.losses import GAN_MODES


def choose_engine(settings: TrainSettings, device: torch.device, world_size: int = 1) -> Engine:
    """The fastest that fits.

    `train.compile` asks for CompiledEngine. StreamsEngine takes one process, an update whose gradients are not added up in parts and a
    loss that is differentiated once; on the CPU it also needs PyTorch's deterministic algorithms off, because MKL's products, which it
    uses for convolutions, are slow where they promise the same bits on every machine.
    Raises UserError where train.compile meets sync batch norm, whose collectives torch.compile does not take.
    """
    if settings.compile != "off":
        if world_size > 1 and settings.sync_batch_norm:
            raise UserError(
                f"train.compile = {settings.compile} with {world_size} processes cannot compile train.sync_batch_norm = true: "
                "set train.compile=off, train.sync_batch_norm=false or train.devices=1"
            )
        return CompiledEngine(settings.compile, device)
    one_part = settings.accumulate == 1 and settings.d_fake_for_g == "fresh" and GAN_MODES[settings.gan_mode].penalty is None
    free = device.type == "cuda" or torch.get_deterministic_debug_mode() == 0
    return StreamsEngine(device) if world_size == 1 and one_part and free else PlainEngine()
