"""What a model in use says of itself, as an exported file carries it: texts under `pix2pix.…`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from pix2pix.data.palettes import Palette
from pix2pix.errors import UserError

FORMAT = "1"
_KEY = "pix2pix."


@dataclass(frozen=True)
class Description:
    """What must be known to use a model.

    Attributes:
        dataset, kind, direction, epochs: what it was trained on, and for how long.
        size: pixels a side that it was trained at.
        levels: how many times it halves a picture; height and width are padded to multiples of `multiple` pixels inside.
        ngf: width of its first layer, which decides its use of memory.
        norm: whose statistics normalise: `batch`, each picture's own, or `running`, those of the training.
        noise: whether a seed makes any difference.
        palette: names and colours of what its inputs are painted in; empty where they are pictures.
        weights: fp32, fp16 or int8.
        model_sha256: of the weights it comes from.
        licence: of the pictures it was trained on; "unknown" where nobody said.
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
    palette: Palette
    epochs: int
    weights: str
    model_sha256: str
    licence: str

    def as_metadata(self) -> dict[str, str]:
        """Texts by key, sorted: the same model gives the same bytes."""
        texts = {
            "format": FORMAT,
            "dataset": self.dataset,
            "kind": self.kind,
            "direction": self.direction,
            "size": str(self.size),
            "levels": str(self.levels),
            "multiple": str(self.multiple),
            "ngf": str(self.ngf),
            "norm": self.norm,
            "noise": str(int(self.noise)),
            "palette": json.dumps([{"name": name, "rgb": list(rgb)} for name, rgb in self.palette.items()]),
            "epochs": str(self.epochs),
            "weights": self.weights,
            "model_sha256": self.model_sha256,
            "licence": self.licence,
        }
        return {_KEY + key: texts[key] for key in sorted(texts)}

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str], where: str) -> "Description":
        """What `as_metadata` wrote. Raises UserError for a file that `pix2pix export` did not write, or a later version of it."""
        texts = {key.removeprefix(_KEY): value for key, value in metadata.items() if key.startswith(_KEY)}
        if texts.get("format") != FORMAT:
            found = f"of format {texts['format']}" if "format" in texts else "without a description of it"
            raise UserError(f"{where} is a model {found}: use a file that this version's `pix2pix export` wrote")
        try:
            palette = {entry["name"]: tuple(entry["rgb"]) for entry in json.loads(texts["palette"])}
            numbers = {key: int(texts[key]) for key in ("size", "levels", "multiple", "ngf", "epochs")}
            plain = {key: texts[key] for key in ("dataset", "kind", "direction", "norm", "weights", "model_sha256", "licence")}
            return cls(noise=texts["noise"] == "1", palette=palette, **numbers, **plain)  # type: ignore[arg-type]
        except (KeyError, ValueError, TypeError) as problem:
            raise UserError(f"{where} has a damaged description ({problem}): export the model again") from None
