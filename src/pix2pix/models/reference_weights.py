"""Generators in the tensor names of the PyTorch reference, junyanz/pytorch-CycleGAN-and-pix2pix: read them, and write them."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from pix2pix.config.model_settings import ModelSettings
from pix2pix.models.build import build_generator
from pix2pix.models.generator import Generator
from pix2pix.models.resnet import ResNet, ResNet6
from pix2pix.models.unet import UNet

State = Mapping[str, Tensor]
RESNETS = {"resnet": ResNet, "resnet6": ResNet6}
_FIRST = ("model.model.0.weight", "model.10.conv_block.1.weight")  # of a U-Net and a ResNet: what stands before is not of the network
_UNUSED = ("running_mean", "running_var", "num_batches_tracked")  # instance normalisation of PyTorch 0.3 saved them
_OPTIONAL = ("bias", "num_batches_tracked")  # of a convolution with normalisation "none"; not saved by PyTorch 0.3


class NotTheReference(ValueError):
    """Tensors of no generator of the reference that this version builds, or a generator that the reference cannot build."""


def from_reference(state: State, dropout: float = 0.5) -> tuple[Generator, ModelSettings, tuple[int, int]]:
    """Generator on the CPU with the weights of `netG` as the reference saves it, its settings, and its input and output channels.

    The names may have a prefix, as of DataParallel, torch.compile or a checkpoint that has other networks too.
    Generator, normalisation and width are read from names and shapes. So are the levels of a U-Net, hence its crop_size; that of a ResNet
    is the reference's default, 256. dropout: of a U-Net, where it leaves no trace in the file. Raises NotTheReference.
    """
    state = _only_generator(state)
    settings = _settings(state, dropout)
    first, last = "model.model.0.weight", "model.model.3.bias"
    if settings.generator != "unet":
        first, last = "model.1.weight", f"model.{17 + RESNETS[settings.generator].blocks}.bias"
    channels = _shape(state, first, 4)[1], _shape(state, last, 1)[0]
    with torch.device("meta"):
        expected = build_generator(*channels, settings).state_dict()
    weights = {}
    for ours, value in expected.items():
        name = reference_name(ours, settings)
        if name in state or not name.endswith(_OPTIONAL):
            if (found := list(_shape(state, name, value.ndim))) != list(value.shape):
                raise NotTheReference(f"{name} is {found} where a {settings.generator} of ngf {settings.ngf} has {list(value.shape)}")
            if value.is_floating_point() and not (state[name].is_floating_point() and state[name].isfinite().all()):
                raise NotTheReference(f"{name}, of {state[name].dtype}, is not all finite floating-point numbers")
            weights[ours] = state[name]
        else:
            weights[ours] = torch.zeros(value.shape, dtype=value.dtype)
    unused = _UNUSED if settings.norm == "instance" else ()
    known = {reference_name(ours, settings) for ours in expected}
    if left := [name for name in state.keys() - known if not name.endswith(unused)]:
        raise NotTheReference(f"{min(left)} has no place in a {settings.generator} of this version")
    generator = build_generator(*channels, settings)
    generator.load_state_dict(weights)
    return generator, settings, channels


def _only_generator(state: State) -> State:
    """Tensors of the one generator among these, by its own names. Raises NotTheReference for none and for several."""
    found = {name: first for name in state for first in _FIRST if name == first or name.endswith(f".{first}")}
    if not found:
        names = (
            "a discriminator's, as in latest_net_D.pth"
            if {"model.2.weight", "net.2.weight"} & state.keys()
            else ", ".join(name[:80] for name in [*state][:3])
        )
        raise NotTheReference(f"it has neither {_FIRST[0]}, as a U-Net, nor {_FIRST[1]}, as a ResNet; its names are {names}")
    if len(found) > 1:
        names = " and ".join(sorted(name[:80] for name in found))
        raise NotTheReference(f"it has {len(found)} generators, with {names}: save the state dict of one by itself")
    [(name, first)] = found.items()
    prefix = name.removesuffix(first)
    return {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}


def to_reference(generator: nn.Module, settings: ModelSettings) -> dict[str, Tensor]:
    """State dict of a generator in the reference's names, for the reference's own programs. Raises NotTheReference."""
    impossible = {
        f"generator: {settings.generator}": settings.generator not in ("unet", *RESNETS),
        "upsample: resize": settings.upsample == "resize",
        "bottleneck_norm: true": settings.bottleneck_norm,
        "norm: none": settings.norm == "none",  # whose convolutions have no bias in the reference
        f"crop_size: {settings.crop_size} (it has 128 and 256)": settings.generator == "unet" and settings.crop_size not in (128, 256),
    }
    if found := [setting for setting, holds in impossible.items() if holds]:
        raise NotTheReference(f"it has no generator of {', '.join(found)}")
    return {reference_name(ours, settings): value.detach().cpu().contiguous() for ours, value in generator.state_dict().items()}


def reference_name(ours: str, settings: ModelSettings) -> str:
    """The reference's name of a tensor: a U-Net's blocks are nested there, `model.model.1.model.3.model…`, a ResNet's are in a row."""
    if settings.generator in RESNETS:
        return "model." + ours.replace(".body.", ".conv_block.")
    part, *numbers, kind = ours.split(".")
    levels = UNet.levels(settings)
    if part == "last":
        level, layer = 0, 3
    elif part == "downs":
        level, layer = map(int, numbers)
    else:  # behind the block's own encoder layers and the block inside it
        level = levels - 1 - int(numbers[0])
        layer = int(numbers[1]) + (2 if level == levels - 1 else 4)
    return ".".join(["model.model", *(["1.model"] if level else []), *["3.model"] * (level - 1), str(layer), kind])


def _settings(state: State, dropout: float) -> ModelSettings:
    """Settings that the names and shapes of a reference's generator say."""
    if _FIRST[0] in state:
        generator, levels, block = "unet", 2, "model.model.1.model"
        while f"{block}.3.model.1.weight" in state:
            levels, block = levels + 1, f"{block}.3.model"
        if not 5 <= levels <= 10:
            raise NotTheReference(f"it is a U-Net of {levels} levels: this version has 5 to 10")
        first, norm_layer, crop = "model.model.0", "model.model.1.model.2", 2**levels
    else:
        first, norm_layer, crop = "model.1", "model.2", 256
        blocks = sum(name.endswith(".conv_block.1.weight") for name in state)
        generator = next((name for name, network in RESNETS.items() if network.blocks == blocks), "")
        if not generator:
            raise NotTheReference(f"it is a ResNet of {blocks} blocks: this version has 6 and 9")
        dropout = 0.0 if state.get("model.10.conv_block.5.weight", torch.empty(0)).ndim == 4 else 0.5  # Dropout moves the layers behind it
    norm = "batch" if f"{norm_layer}.weight" in state else "instance" if f"{norm_layer.rpartition('.')[0]}.1.bias" in state else "none"
    return ModelSettings(
        ngf=_shape(state, f"{first}.weight", 4)[0], ndf=64, crop_size=crop, generator=generator, norm=norm, dropout=dropout
    )


def _shape(state: State, name: str, dimensions: int) -> torch.Size:
    """Shape of a tensor. Raises NotTheReference where it is missing or has another number of dimensions."""
    if name not in state:
        raise NotTheReference(f"{name} is missing")
    if state[name].layout != torch.strided or state[name].is_meta or state[name].is_quantized:
        raise NotTheReference(f"{name} is a sparse or quantised tensor")
    if state[name].ndim != dimensions:
        raise NotTheReference(f"{name} has {state[name].ndim} dimensions instead of {dimensions}")
    if state[name].untyped_storage().nbytes() < state[name].numel() * state[name].element_size():
        raise NotTheReference(f"{name} is larger than what the file holds of it")  # a view that repeats its values
    return state[name].shape
