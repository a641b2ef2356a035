"""A model card: what a stranger must know before using the model, as Hugging Face lays it out.

https://huggingface.co/docs/hub/model-cards, whose sections follow Mitchell et al., Model Cards for Model Reporting, 2019.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pix2pix.download.catalogue import PublishedSet, find
from pix2pix.errors import UserError
from pix2pix.export.licence import UNKNOWN
from pix2pix.inference.description import Description
from pix2pix.metrics.labels import Measure, known
from pix2pix.metrics.record_names import FLOOR, MODEL
from pix2pix.models.files import SavedModel
from pix2pix.models.layers import parameter_count
from pix2pix.system.atomic_write import write_errors, write_text
from pix2pix.system.terminal import human_bytes, number


@dataclass(frozen=True)
class Facts:
    """What the model does not know of itself.

    Attributes:
        evaluation: what the stage evaluate writes as JSON: `answers`, of the model, of the trivial answers and of real pictures, and their
            `intervals`; empty where it was not measured.
        split: of the pictures that it was measured on.
        source: where the training pictures came from, as params.yaml says it; None where nobody knows.
        exported: the file that lies beside the card, what its weights are and how far it is from the model; "" for none.
        pictures: addresses of pictures of inputs, outputs and targets, relative to the card.
    """

    evaluation: Mapping[str, Any] = field(default_factory=dict)
    split: str = "test"
    source: str | None = None
    exported: str = ""
    pictures: Sequence[str] = ()


def write_card(path: Path, model: SavedModel, description: Description, facts: Facts) -> None:
    """Write the card atomically; the same model and facts give the same bytes. Raises UserError where it cannot be written."""
    with write_errors(path):
        write_text(path, card(model, description, facts))


def without_front_matter(text: str) -> str:
    """A card for people only, without the YAML in front."""
    return text.split("---\n", 2)[-1].lstrip()


def read_evaluation(path: Path) -> Mapping[str, Any]:
    """A file that the stage evaluate wrote. Raises UserError for another one."""
    try:
        found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if any("answer" not in answer for answer in found["answers"]):
            raise ValueError("an answer without a name")
    except OSError as problem:
        raise UserError(f"--metrics {path}: {problem.strerror}: name a file like data/evaluation/facades.json") from None
    except (ValueError, KeyError, TypeError) as problem:
        raise UserError(
            f"--metrics {path} is no record of measurements ({problem}): name a file like data/evaluation/facades.json"
        ) from None
    return found


def card(model: SavedModel, about: Description, facts: Facts) -> str:
    """The card as Markdown, with YAML in front."""
    published = find(about.dataset) if facts.source == "published" else None
    columns = known(
        {key for answer in facts.evaluation.get("answers", ()) for key in answer}, kid_first=bool(facts.evaluation.get("caution"))
    )
    parts = [
        _front_matter(about, facts, columns, published),
        f"# pix2pix, {about.dataset}",
        _details(model, about, facts),
        _uses(about),
        _limits(about),
        _start(about),
        _training(model, about, facts, published),
        _evaluation(facts, columns),
        *([_pictures(facts.pictures)] if facts.pictures else []),
        "## Environmental impact\n\nNot measured.",
        _citation(published),
    ]
    return "\n\n".join(parts) + "\n"


def _front_matter(about: Description, facts: Facts, columns: Sequence[Measure], published: PublishedSet | None) -> str:
    """Values as JSON, which YAML reads: nothing in a name can become structure."""
    licence: dict[str, Any] = {"license": UNKNOWN}
    if published:
        licence = {"license": "other", "license_name": f"{about.dataset}-terms", "license_link": published.homepage}
    entry: dict[str, Any] = {
        **licence,
        "library_name": "pytorch",
        "pipeline_tag": "image-to-image",
        "tags": ["pix2pix", "conditional-gan", "colorization" if about.kind == "lab" else "image-translation"],
        "datasets": [about.dataset],
        "metrics": [column.key for column in columns],
    }
    measured = _answer(facts, MODEL)
    figures = [
        {"type": column.key, "value": measured[column.key], "name": column.label}
        for column in columns
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
    inside = f"{about.levels} levels" if settings.generator == "unet" else "9 residual blocks"
    return (
        "## Model details\n\n"
        f"A conditional GAN's generator (pix2pix) that turns {model.planes.input} into {model.planes.target}, "
        f"direction {about.direction}.\n\n"
        f"* Architecture: {settings.generator}, {inside}, first layer {settings.ngf} wide, {settings.norm} normalisation, "
        f"{count:,} parameters ({human_bytes(4 * count)} in fp32)\n"
        f"* Trained at {about.size} pixels a side. `pix2pix predict` scales other pictures to that; an exported file only pads them: "
        "scale them first\n"
        f"* Statistics at use: {about.norm} ({_NORM[about.norm]})\n"
        f"* Noise: {'dropout, by a seed; off by default' if about.noise else 'none'}\n"
        f"* SHA-256 of the weights, generator.safetensors: `{about.model_sha256}`" + (f"\n* {facts.exported}" if facts.exported else "")
    )


_NORM = {"batch": "each picture's own, as in training at batch size 1", "running": "those gathered in training"}


def _uses(about: Description) -> str:
    what = (
        "colouring grey pictures"
        if (about.kind, about.direction) == ("lab", "AtoB")
        else "photos from label maps"
        if about.palette
        else "pictures of the target's kind from pictures of the input's kind"
    )
    return (
        f"## Uses\n\nDirect use: {what}, of the sort that it was trained on ({about.dataset}), to look at and to experiment with.\n\n"
        "Out of scope: measurements, identification, evidence of any sort. What it draws is made up."
    )


def _limits(about: Description) -> str:
    return (
        "## Bias, risks and limitations\n\n"
        f"It knows only what its training pictures show, at about {about.size} pixels; of anything else it makes something of the same "
        "sort. Colours and details are plausible at best, "
        "not true. The licence of the training pictures may limit what outputs may be used for."
    )


def _start(about: Description) -> str:
    picture, snap = ("labels.png", " --snap") if about.palette else ("photo.jpg", "")
    return (
        "## How to get started\n\n"
        "With this project, for any picture, folder or pattern:\n\n"
        f"```bash\npix2pix predict --model data/models/{about.dataset} --input {picture} --output out{snap}\n"
        f"pix2pix export --model data/models/{about.dataset} --weights int8 --output model.onnx\n```\n\n"
        "With the exported file and ONNX Runtime alone:\n\n"
        "```python\nimport numpy, onnxruntime\nfrom PIL import Image\n\n"
        'session = onnxruntime.InferenceSession("model.onnx")\n'
        f'photo = Image.open("{picture}").convert("RGB")\n'
        f"scale = {about.size} / min(photo.size)  # the size that it knows things at, as `pix2pix predict` has it\n"
        "image = numpy.asarray(photo.resize([round(scale * side) for side in photo.size], Image.Resampling.BICUBIC))[None]\n"
        'output, = session.run(["output"], {"image": image, "seed": numpy.array([-1])})  # a seed from 0 on: noise\n'
        'Image.fromarray(output[0]).save("out.png")\n```'
    )


def _training(model: SavedModel, about: Description, facts: Facts, published: PublishedSet | None) -> str:
    source = facts.source or UNKNOWN
    data = f"{published.title} ({published.homepage})" if published else f"{about.dataset}, source: {source}"
    return (
        f"## Training details\n\n* Data: {data}\n* Licence of the data: {about.licence}\n* Epochs: {about.epochs}\n"
        f"* Discriminator: {model.settings.discriminator}\n* Dropout: {model.settings.dropout:g}"
    )


def _evaluation(facts: Facts, columns: Sequence[Measure]) -> str:
    if not columns:
        return "## Evaluation\n\nNot measured."
    head = ["answer", *(f"{column.label} {column.arrow}".strip() for column in columns)]
    answers = facts.evaluation["answers"]
    rows = [[str(answer["answer"]), *(_cell(facts, answer, column.key) for column in columns)] for answer in answers]
    table = "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])
    caution = facts.evaluation.get("caution")
    return (
        f"## Evaluation\n\nOn the pictures of the {facts.split} split, beside answers that take no learning; *{FLOOR}* is what the "
        "distances come to for other real pictures. Only outputs that share much with their very targets, as a colouring shares the "
        "lightness, come below it. In brackets: 95 % intervals. Measured with the weights in fp32.\n\n"
        f"{table}" + (f"\n\nCaution: {caution}." if caution else "")
    )


def _cell(facts: Facts, answer: Mapping[str, Any], key: str) -> str:
    bounds = facts.evaluation.get("intervals", {}).get(answer["answer"], {}).get(key)
    return number(answer.get(key)) + (f" ({number(bounds['low'])} to {number(bounds['high'])})" if bounds else "")


def _pictures(pictures: Sequence[str]) -> str:
    return "## Pictures\n\n" + "\n\n".join(f"![Input, output and target]({address})" for address in pictures)


def _citation(published: PublishedSet | None) -> str:
    method = "P. Isola, J.-Y. Zhu, T. Zhou, A. A. Efros: Image-to-Image Translation with Conditional Adversarial Networks. CVPR 2017."
    return "## Citation\n\n" + "\n\n".join([method, *([published.citation] if published and published.citation != method else [])])


def _answer(facts: Facts, name: str) -> Mapping[str, Any]:
    return next((answer for answer in facts.evaluation.get("answers", ()) if answer["answer"] == name), {})
