"""Write a model card in the format of Hugging Face.

https://huggingface.co/docs/hub/model-cards; its sections follow Mitchell et al., Model Cards for Model Reporting, 2019.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from pix2pix.download.catalogue import CATALOG, PublishedSet
from pix2pix.errors import UserError
from pix2pix.metrics import evaluation_file
from pix2pix.metrics.evaluation_file import row
from pix2pix.metrics.labels import MODEL, REFERENCE
from pix2pix.metrics.registry import Column, columns
from pix2pix.models.build import discriminator_class, generator_class
from pix2pix.models.description import Description
from pix2pix.models.files import SavedModel
from pix2pix.models.layers import parameter_count
from pix2pix.system.addresses import redacted
from pix2pix.system.atomic_write import write_errors, write_text
from pix2pix.system.terminal import human_bytes, number, printable

UNKNOWN = "unknown"
METHOD = "P. Isola, J.-Y. Zhu, T. Zhou, A. A. Efros: Image-to-Image Translation with Conditional Adversarial Networks. CVPR 2017."


@dataclass(frozen=True)
class Facts:
    """Facts for the card that are not in the model's description.

    Attributes:
        evaluation: result of the stage evaluate (see `read_evaluation`); empty if the model was not evaluated.
        split: the split that was evaluated.
        source: `source` of the training images in params.yaml; None if not known.
        exported: a line on the exported file beside the card: its weights, its difference from the model; "" if there is none.
        examples: URLs of example images with input, output and target, relative to the card.
    """

    evaluation: Mapping[str, Any] = field(default_factory=dict)
    split: str = "test"
    source: str | None = None
    exported: str = ""
    examples: Sequence[str] = ()


def write_card(path: Path, model: SavedModel, description: Description, facts: Facts) -> None:
    """Write the card atomically; the same model and facts give the same bytes. Raises UserError if it cannot be written."""
    with write_errors(path):
        write_text(path, card(model, description, facts))


def as_text(text: object) -> str:
    """Text from elsewhere as one line of Markdown that shows it, without markup, links or columns of its own."""
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", printable(str(text)))


def licence_of(dataset: str, source: str | None, own: str | None = None) -> str:
    """Licence of the training images, in a sentence; "unknown" unless `own` or `source` tells, as a dataset's name does not.

    source, own: `source` and `licence` of the images, as in params.yaml; None if not known.
    """
    if own:
        return own
    if source == "sample":
        return "Drawn by this project's own program."
    published = CATALOG.get(dataset) if source == "published" else None
    return published.licence if published else UNKNOWN


def public(source: str) -> str:
    """A source as others may read it: a word of params.yaml, or an address without a password; of a path, only that it is one."""
    address = re.match(r"(https?|s3|ftp)://", source)
    return redacted(source) if address or source in ("sample", "published") else "the owner's own files"


def without_front_matter(text: str) -> str:
    """The card without its YAML front matter."""
    return text.split("---\n", 2)[-1].lstrip()


def read_evaluation(path: Path) -> Mapping[str, Any]:
    """Read data/evaluation/<dataset>.json. Raises UserError if it cannot be read, or is another file."""
    try:
        return evaluation_file.read_evaluation(path)
    except OSError as problem:
        raise UserError(f"--metrics {path}: {problem.strerror}: name a file like data/evaluation/facades.json") from None
    except ValueError as problem:
        raise UserError(
            f"--metrics {path} is no record of measurements ({problem}): name a file like data/evaluation/facades.json"
        ) from None


def card(model: SavedModel, about: Description, facts: Facts) -> str:
    """The card as Markdown with YAML front matter, from the template card.md."""
    published = CATALOG.get(about.dataset) if facts.source == "published" else None
    keys = {key for measured in facts.evaluation.get("rows", ()) for key in measured}
    shown = columns(keys, unbiased_first=bool(facts.evaluation.get("caution")))
    # not escaped, as it is no HTML: text from elsewhere goes through the filter `text`; values of the front matter are JSON, which is valid
    # YAML, so that a name cannot change its structure
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    environment.filters |= {"json": partial(json.dumps, ensure_ascii=False), "bytes": human_bytes, "text": as_text, "redacted": redacted}
    return environment.from_string(Path(__file__).with_name("card.md").read_text(encoding="utf-8")).render(
        front=_front_matter(about, facts, shown, published),
        model=model,
        about=about,
        facts=facts,
        columns=shown,
        source=public(facts.source) if facts.source else UNKNOWN,
        cell=partial(_cell, facts),
        published=published,
        colours=(about.kind, about.direction) == ("lab", "AtoB"),
        image="labels.png" if about.palette else "photo.jpg",
        network=generator_class(model.settings).description,
        discriminator=discriminator_class(model.settings).description,
        parameters=parameter_count(model.generator),
        method=METHOD,
        reference=REFERENCE,
    )


def _front_matter(about: Description, facts: Facts, shown: Sequence[Column], published: PublishedSet | None) -> dict[str, Any]:
    """The YAML front matter."""
    licence: dict[str, Any] = {"license": UNKNOWN}
    if published:
        licence = {"license": "other", "license_name": f"{about.dataset}-terms", "license_link": published.homepage}
    elif about.licence != UNKNOWN and facts.source != "sample":
        licence = {"license": "other", "license_name": about.licence}
    entry: dict[str, Any] = {
        **licence,
        "library_name": "pytorch",
        "pipeline_tag": "image-to-image",
        "tags": ["pix2pix", "conditional-gan", "colorization" if about.kind == "lab" else "image-translation"],
        "datasets": [about.dataset],
        "metrics": [column.key for column in shown],
    }
    measured = row(facts.evaluation, MODEL)
    figures = [
        {"type": column.key, "value": measured[column.key], "name": column.label}
        for column in shown
        if measured.get(column.key) is not None
    ]
    if figures:
        data = {"name": about.dataset, "type": about.dataset, "split": facts.split}
        task = {"type": "image-to-image", "name": "Image-to-image translation"}
        entry["model-index"] = [{"name": f"pix2pix-{about.dataset}", "results": [{"task": task, "dataset": data, "metrics": figures}]}]
    return entry


def _cell(facts: Facts, measured: Mapping[str, Any], key: str) -> str:
    bounds = facts.evaluation.get("intervals", {}).get(measured["name"], {}).get(key)
    return number(measured.get(key)) + (f" ({number(bounds['low'])} to {number(bounds['high'])})" if bounds else "")
