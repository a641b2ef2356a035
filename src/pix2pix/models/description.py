"""Description of a model in `model.json` and in the metadata of an exported file, and the validation of both.

Model files are untrusted: the type and range of every value are checked before it is used.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Annotated, Any

from pix2pix.config.constraints import Choice, Crop, Limit, annotations, matching
from pix2pix.config.model_settings import ModelSettings
from pix2pix.config.settings import Prepare, Settings
from pix2pix.config.validate import allowed, check
from pix2pix.errors import UserError

# files of a model folder; the last two, of train.keep_discriminator, are beside the model but no part of it
DESCRIPTION, WEIGHTS = "model.json", "generator.safetensors"
DISCRIMINATOR, OPTIMIZERS = "discriminator.safetensors", "optimizers.safetensors"
FORMAT = 1
_LONGEST = 1 << 20  # bytes of the file; it has under a KiB
_PREFIX = "pix2pix."  # prefix of the keys in an exported file's metadata
_EARLIER_DEFAULTS = {"fit": "squash", "resize": "bicubic", "load_size": None}  # for files of earlier versions, which lack these keys


def _whole(least: int, most: int = 2**31 - 1) -> Any:
    return Annotated[int, Limit(f"a whole number from {least} to {most}", lambda number: least <= number <= most)]


def _one_of(*names: str) -> Any:
    return Annotated[str, Choice(dict.fromkeys(names, ""))]


def _line(most: int) -> Any:
    return Annotated[str, Limit(f"a line of at most {most} characters", lambda text: len(text) <= most and text.isprintable())]


def _is_palette(palette: dict[Any, Any]) -> bool:
    """Whether it is {name: (r, g, b)} with at most 256 colours."""
    return len(palette) <= 256 and all(_holds(_line(100), name) and _is_rgb(rgb) for name, rgb in palette.items())


def _is_rgb(value: object) -> bool:
    return isinstance(value, tuple) and len(value) == 3 and all(type(level) is int and 0 <= level <= 255 for level in value)


def _holds(annotation: Any, value: object) -> bool:
    problems: list[str] = []
    check(annotation, value, "", problems)
    return not problems


_SECTION = Annotated[dict, Limit("a section of keys", lambda _: True)]
# Annotations of the keys of model.json and of an exported file alike.
_IN_BOTH = {
    "dataset": Annotated[str, matching(r"[A-Za-z0-9][A-Za-z0-9_-]{0,200}", "a name of letters, digits, - and _")],
    **{key: annotations(Settings)[key] for key in ("kind", "direction")},
    "norm": _one_of("batch", "running"),
    "epochs": _whole(0),
    **{key: annotations(Prepare)[key] for key in ("fit", "resize")},
    "load_size": _whole(32) | None,
    "palette": Annotated[dict, Limit("at most 256 names with their RGB", _is_palette)],
}
_FILE = {
    "format": Annotated[int, Limit(str(FORMAT), lambda number: number == FORMAT)],
    "layout": _SECTION,
    "architecture": _SECTION,
    "origin": _line(2000),
    **_IN_BOTH,
}
_LAYOUT = dict.fromkeys(("input", "target"), _one_of("rgb", "L", "ab"))
# that a network is known, is for `build_generator` to say
_ARCHITECTURE = {**annotations(ModelSettings), "generator": _line(100), "discriminator": _line(100)}
_HAS_DEFAULT = {field.name for field in fields(ModelSettings) if field.default is not MISSING}  # and may be missing in an older file
_EXPORTED = {
    **_IN_BOTH,
    "size": Crop,
    "levels": _whole(0, 32),
    "multiple": _whole(1, 4096),
    "ngf": _whole(1),
    "noise": bool,
    "weights": _one_of("fp32", "fp16", "int8"),
    "model_sha256": Annotated[str, matching(r"[0-9a-f]{0,64}", "hexadecimal digits")],
    "licence": _line(2000),
}


def _problems(content: Mapping[str, object], wanted: Mapping[str, Any], where: str = "", optional: Collection[str] = ()) -> list[str]:
    """Problems of `content`, one text for each key that is missing or wrong. Other keys are ignored."""
    missing = [f"{where}{key} is missing" for key in wanted if key not in content and key not in optional]
    wrong = [
        f"{where}{key} is {ascii(content[key])[:60]} and must be {allowed(annotation)}"
        for key, annotation in wanted.items()
        if key in content and not _holds(annotation, content[key])
    ]
    return missing + wrong


def describe(folder: Path) -> dict[str, Any]:
    """Read and validate `model.json` in `folder`; keys that earlier versions did not write get their defaults.

    Raises UserError if the file is missing or invalid, or has keys of a later version."""
    path = folder / DESCRIPTION
    try:
        if path.stat().st_size > _LONGEST:
            raise ValueError(f"it has over {_LONGEST >> 20} MiB")
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{folder} is no trained model: {DESCRIPTION} is missing, which the stage train writes") from None
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path} is damaged ({error}); train the model again") from None
    if not isinstance(found, dict):
        raise UserError(f"{path} is damaged: it is no object; train the model again")
    content: dict[str, Any] = {**_EARLIER_DEFAULTS, "palette": {}, "origin": "", **found}
    if isinstance(content["palette"], dict):
        content["palette"] = {name: tuple(rgb) if isinstance(rgb, list) else rgb for name, rgb in content["palette"].items()}
    problems = _problems(content, _FILE)
    if not problems:
        known = {"architecture": _ARCHITECTURE, "layout": _LAYOUT}
        newer = [f"{part}.{ascii(key)[1:-1]} is unknown" for part, rules in known.items() for key in content[part] if key not in rules]
        problems = newer + _problems(content["layout"], _LAYOUT, "layout.")
        problems += _problems(content["architecture"], _ARCHITECTURE, "architecture.", _HAS_DEFAULT)
    if problems:
        raise UserError(f"{path} is damaged, or of another version ({'; '.join(problems[:8])}); train the model again")
    return content


@dataclass(frozen=True)
class Description:
    """Everything needed to use a model.

    Attributes:
        dataset, kind, direction, epochs: its training data, and the epochs it was trained for.
        size: crop_size of the training, pixels of a side.
        fit, resize: how training images were made square, and the filter that resized them (`data.images.to_square`).
        load_size: pixels of a side of training images before the random crop; None if not known.
        levels: how many times the generator halves height and width.
        multiple: inputs are padded to a height and width that are multiples of this number of pixels.
        ngf: width of the generator's first layer, from which memory use is estimated.
        norm: normalisation statistics: `batch`, of each image by itself, or `running`, the running averages of the training.
        noise: whether the generator has dropout, so that outputs depend on the seed.
        palette: name -> RGB of the classes of its input label maps; empty if inputs are not label maps.
        weights: storage of the kernels: fp32, fp16 or int8.
        model_sha256: SHA-256 of generator.safetensors, "" if not known.
        licence: of the training images, or "unknown".
    """

    dataset: str
    kind: str
    direction: str
    size: int
    levels: int
    multiple: int
    ngf: int
    norm: str
    noise: bool
    palette: Mapping[str, tuple[int, int, int]]
    epochs: int
    fit: str = "squash"
    resize: str = "bicubic"
    load_size: int | None = None
    weights: str = "fp32"
    model_sha256: str = ""
    licence: str = "unknown"

    def as_metadata(self) -> dict[str, str]:
        """Key -> text for the metadata of an exported file, sorted, so that the same model gives the same bytes."""
        texts = {field.name: getattr(self, field.name) for field in fields(self)}
        texts |= {"format": FORMAT, "noise": int(self.noise), "load_size": self.load_size or self.size}
        texts["palette"] = json.dumps([{"name": name, "rgb": list(rgb)} for name, rgb in self.palette.items()])
        return {_PREFIX + key: str(texts[key]) for key in sorted(texts)}

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str], where: str) -> "Description":
        """Parse and validate the result of `as_metadata`; `where` names the file in messages.

        Raises UserError if `pix2pix export` of this version did not write the metadata, or it is damaged."""
        texts = {key.removeprefix(_PREFIX): value for key, value in metadata.items() if str(key).startswith(_PREFIX)}
        if texts.get("format") != str(FORMAT):
            found = f"of format {ascii(texts['format'])[:20]}" if "format" in texts else "without a description of it"
            raise UserError(f"{where} is a model {found}: use a file that this version's `pix2pix export` wrote")
        values: dict[str, Any] = {**_EARLIER_DEFAULTS, **{key: _value(key, text) for key, text in texts.items() if key in _EXPORTED}}
        if problems := _problems(values, _EXPORTED):
            raise UserError(f"{where} has a damaged description ({'; '.join(problems[:8])}): export the model again")
        return cls(**values)


def _value(key: str, text: str) -> object:
    """Convert a text of the metadata to its value. A text that cannot be converted is returned as it is, and fails validation."""
    try:
        if key in ("size", "levels", "multiple", "ngf", "epochs", "load_size"):
            return int(text) if len(text) < 20 else text
        if key == "noise":
            return {"0": False, "1": True}[text]
        if key == "palette":
            return {entry["name"]: tuple(entry["rgb"]) for entry in json.loads(text)}
    except (KeyError, ValueError, TypeError, RecursionError):
        pass
    return text
