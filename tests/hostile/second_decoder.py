"""The same file by another decoder: OpenCV where it is installed, else the libraries of torchvision (JPEG and PNG)."""

import importlib.util
import os
import warnings
from typing import Any

import numpy as np

Pixels = np.ndarray[Any, Any]
os.environ.setdefault("OPENCV_LOG_LEVEL", "OFF")  # read when it is imported
HAS_OPENCV = importlib.util.find_spec("cv2") is not None
BY_OPENCV = {"jpeg", "png", "bmp", "gif", "webp", "tiff", "ppm", "jpeg2000", "avif"}
BY_TORCHVISION = {"jpeg", "png"}
_FAR, _FEW_FAR = 24, 0.02  # levels; share of the pixels that may be that far off: decoders round and smooth colours in their own ways


def difference(ours: Pixels, data: bytes, name: str) -> str | None:
    """What differs between our (H, W, 3) pixels and those of the other decoder; "" for nothing, None where it does not read the file."""
    theirs = decode(data, name.split("-")[0])
    if theirs is None:
        return None
    if theirs.shape != ours.shape:
        # a damaged EXIF, which one of the two cannot read: an image without EXIF is upright
        turned = name.endswith("turned") and theirs.shape[1::-1] == ours.shape[:2]
        return (
            ""
            if turned
            else f"the other decoder reads {theirs.shape[1]}x{theirs.shape[0]} pixels, this one {ours.shape[1]}x{ours.shape[0]}"
        )
    far = (np.abs(theirs.astype(int) - ours).max(axis=2) > _FAR).mean()
    return f"{far:.0%} of the pixels are not those of the other decoder" if far > _FEW_FAR else ""


def decode(data: bytes, form: str) -> Pixels | None:
    """(H, W, 3) uint8 RGB over white, upright; None where it does not read the file, or knows no such pixels (CMYK, deep TIFF)."""
    if form not in (BY_OPENCV if HAS_OPENCV else BY_TORCHVISION) or b"fcTL" in data:  # of an animation, frames are placed on a canvas
        return None
    try:
        return _opencv(data, form) if HAS_OPENCV else _torchvision(data)
    except Exception:  # it may refuse what it likes
        return None


def _opencv(data: bytes, form: str) -> Pixels | None:
    import cv2  # type: ignore[import-not-found, unused-ignore]

    if form == "bmp" and int.from_bytes(data[10:14], "little") < 54:  # pixels within the header: Pillow takes those after the palette
        return None
    content = np.frombuffer(data, np.uint8)
    image = cv2.imdecode(content, cv2.IMREAD_UNCHANGED)
    if image is None or (form == "gif" and image[..., 3].min() < 255):  # what lies around a frame is for each to choose
        return None
    if form == "tiff" and image.ndim == 3 and image.shape[2] == 4:  # it multiplies colours by alpha
        return None
    if image.dtype == np.uint8 and (image.ndim == 2 or image.shape[2] == 3):
        image = cv2.imdecode(content, cv2.IMREAD_COLOR)  # turned upright
    if image.dtype == np.uint16:
        image = ((image.astype(np.int64) + 128) // 257).astype(np.uint8)
    if image.dtype != np.uint8:
        return None
    if image.ndim == 2:
        return np.repeat(image[..., None], 3, axis=2)
    return _over_white(image[..., 2::-1], image[..., 3] if image.shape[2] == 4 else None)


def _torchvision(data: bytes) -> Pixels | None:
    import torch
    from torchvision.io import ImageReadMode, decode_image

    if data.startswith(b"\x89PNG") and (data[24] != 8 or data[25] == 3):  # fewer bits and palettes come out wrong
        return None
    mode = ImageReadMode.RGB_ALPHA if data.startswith(b"\x89PNG") else ImageReadMode.RGB
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # from 0.29 on it asks for TorchCodec instead
        image = decode_image(torch.frombuffer(bytearray(data), dtype=torch.uint8), mode, apply_exif_orientation=True)
    if image.dtype == torch.uint16:
        image = (image.int() + 128) // 257
    rgba = image.to(torch.uint8).permute(1, 2, 0).numpy()
    return _over_white(rgba[..., :3], rgba[..., 3] if rgba.shape[2] == 4 else None)


def _over_white(rgb: Pixels, alpha: Pixels | None) -> Pixels:
    if alpha is None:
        return rgb
    share = alpha[..., None] / 255
    return np.rint(rgb * share + 255 * (1 - share)).astype(np.uint8)
