"""Write a model card in the format of Hugging Face.

https://huggingface.co/docs/hub/model-cards; its sections follow Mitchell et al., Model Cards for Model Reporting, 2019.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pix2pix.download.catalogue import PublishedSet, find
from pix2pix.errors import UserError
from pix2pix.metrics import evaluation_file
from pix2pix.metrics.evaluation_file import row
from pix2pix.metrics.labels import MODEL, REFERENCE
from pix2pix.metrics.registry import Column, columns
from pix2pix.models.build import discriminator_class, generator_class
from pix2pix.models.description import Description
from pix2pix.models.files import SavedModel
from pix2pix.models.layers import parameter_count
from pix2pix.system.atomic_write import write_errors, write_text
from pix2pix.system.terminal import human_bytes, number

UNKNOWN = "unknown"


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


def licence_of(dataset: str, source: str | None) -> str:
    """Licence of the training images, in a sentence; "unknown" unless `source` tells, as a dataset's name does not.

    source: of the images, as in params.yaml; None if not known.
    """
    if source == "sample":
        return "Drawn by this project's own program."
    published = find(dataset) if source == "published" else None
    return published.licence if published else UNKNOWN


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
    """The card as Markdown with YAML front matter."""
    published = find(about.dataset) if facts.source == "published" else None
    keys = {key for measured in facts.evaluation.get("rows", ()) for key in measured}
    shown = columns(keys, unbiased_first=bool(facts.evaluation.get("caution")))
    parts = [
        _front_matter(about, facts, shown, published),
        f"# pix2pix, {about.dataset}",
        _details(model, about, facts),
        _uses(about),
        _limits(about),
        _start(about),
        _training(model, about, facts, published),
        _evaluation(facts, shown),
        *([_examples(facts.examples)] if facts.examples else []),
        "## Environmental impact\n\nNot measured.",
        _citation(published),
    ]
    return "\n\n".join(parts) + "\n"


def _front_matter(about: Description, facts: Facts, shown: Sequence[Column], published: PublishedSet | None) -> str:
    """The YAML front matter. Values are JSON, which is valid YAML, so that a name cannot change its structure."""
    licence: dict[str, Any] = {"license": UNKNOWN}
    if published:
        licence = {"license": "other", "license_name": f"{about.dataset}-terms", "license_link": published.homepage}
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
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in entry.items()]
    return "\n".join(["---", *lines, "---"])


def _details(model: SavedModel, about: Description, facts: Facts) -> str:
    settings = model.settings
    count = parameter_count(model.generator)
    network = generator_class(settings).description
    shown = f"{about.size} pixels a side ({_FIT[about.fit]}, {about.resize} resize)"
    return (
        "## Model details\n\n"
        f"A conditional GAN's generator (pix2pix) that turns {model.planes.input} into {model.planes.target}, "
        f"direction {about.direction}.\n\n"
        f"* Architecture: {settings.generator}, {network}, {about.levels} halvings, first layer {settings.ngf} wide, "
        f"{settings.norm} normalisation, "
        f"{count:,} parameters ({human_bytes(4 * count)} in fp32)\n"
        f"* Trained at {shown}. `pix2pix predict` brings other images to that; an exported file only pads them: "
        "resize them first\n"
        f"* Statistics at use: {about.norm} ({_NORM[about.norm]})\n"
        f"* Noise: {'dropout, by a seed; off by default' if about.noise else 'none'}\n"
        f"* SHA-256 of the weights, generator.safetensors: `{about.model_sha256}`" + (f"\n* {facts.exported}" if facts.exported else "")
    )


_NORM = {"batch": "each image's own, as in training at batch size 1", "running": "the running averages of the training"}
_FIT = {"squash": "squashed to a square", "crop": "the middle of an image", "pad": "padded to a square"}


def _uses(about: Description) -> str:
    what = (
        "colouring grey images"
        if (about.kind, about.direction) == ("lab", "AtoB")
        else "photos from label maps"
        if about.palette
        else "images of the target's kind from images of the input's kind"
    )
    return (
        f"## Uses\n\nDirect use: {what}, of the sort that it was trained on ({about.dataset}), to look at and to experiment with.\n\n"
        "Out of scope: measurements, identification, evidence of any sort. What it draws is made up."
    )


def _limits(about: Description) -> str:
    return (
        "## Bias, risks and limitations\n\n"
        f"It knows only what its training images show, at about {about.size} pixels; of anything else it makes something of the same "
        "sort. Colours and details are plausible at best, "
        "not true. The licence of the training images may limit what outputs may be used for."
    )


def _start(about: Description) -> str:
    image, snap = ("labels.png", " --snap") if about.palette else ("photo.jpg", "")
    return (
        "## How to get started\n\n"
        "With this project, for any image, folder or pattern:\n\n"
        f"```bash\npix2pix predict --model data/models/{about.dataset} --input {image} --output out{snap}\n"
        f"pix2pix export --model data/models/{about.dataset} --weights int8 --output model.onnx\n```\n\n"
        "With the exported file and ONNX Runtime alone:\n\n"
        "```python\nimport numpy, onnxruntime\nfrom PIL import Image\n\n"
        'session = onnxruntime.InferenceSession("model.onnx")\n'
        f'photo = Image.open("{image}").convert("RGB")\n'
        f"{_START_SIZE[about.fit].format(size=about.size)}  # the size that it was trained at\n"
        "image = numpy.asarray(photo.resize(size, Image.Resampling.BICUBIC))[None]\n"
        'output, = session.run(["output"], {"image": image, "seed": numpy.array([-1])})  # a seed from 0 on: noise\n'
        'Image.fromarray(output[0]).save("out.png")\n```'
    )


_SAME_SHAPE = "size = [round({size} / min(photo.size) * side) for side in photo.size]"
_START_SIZE = {"squash": "size = ({size}, {size})", "crop": _SAME_SHAPE, "pad": _SAME_SHAPE}


def _training(model: SavedModel, about: Description, facts: Facts, published: PublishedSet | None) -> str:
    source = facts.source or UNKNOWN
    data = f"{published.title} ({published.homepage})" if published else f"{about.dataset}, source: {source}"
    settings = model.settings
    return (
        f"## Training details\n\n* Data: {data}\n* Licence of the data: {about.licence}\n* Epochs: {about.epochs}\n"
        f"* Discriminator: {settings.discriminator}, {discriminator_class(settings).description}\n* Dropout: {settings.dropout:g}"
    )


def _evaluation(facts: Facts, shown: Sequence[Column]) -> str:
    if not shown:
        return "## Evaluation\n\nNot measured."
    head = ["output", *(f"{column.label} {column.arrow}".strip() for column in shown)]
    rows = [[it["name"], *(_cell(facts, it, column.key) for column in shown)] for it in facts.evaluation["rows"]]
    table = "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])
    caution = facts.evaluation.get("caution")
    return (
        f"## Evaluation\n\nOn the images of the {facts.split} split, beside baselines; the *{REFERENCE}* compares real images with other "
        "real images. Only outputs that share much with their own targets, as a colouring shares the lightness, come below it. In "
        "brackets: 95 % intervals. Measured with the weights in fp32.\n\n"
        f"{table}" + (f"\n\nCaution: {caution}." if caution else "")
    )


def _cell(facts: Facts, measured: Mapping[str, Any], key: str) -> str:
    bounds = facts.evaluation.get("intervals", {}).get(measured["name"], {}).get(key)
    return number(measured.get(key)) + (f" ({number(bounds['low'])} to {number(bounds['high'])})" if bounds else "")


def _examples(examples: Sequence[str]) -> str:
    return "## Examples\n\n" + "\n\n".join(f"![Input, output and target]({address})" for address in examples)


def _citation(published: PublishedSet | None) -> str:
    method = "P. Isola, J.-Y. Zhu, T. Zhou, A. A. Efros: Image-to-Image Translation with Conditional Adversarial Networks. CVPR 2017."
    return "## Citation\n\n" + "\n\n".join([method, *([published.citation] if published and published.citation != method else [])])
