"""Frozen, typed settings of one dataset's pipeline: the sections of params.yaml and the rows that apply to the dataset."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any

from pix2pix.config.constraints import (
    AboveZero,
    Choice,
    Crop,
    Doc,
    Fraction,
    FromRow,
    Limit,
    NonNegative,
    Pixels,
    Positive,
    Seed,
    Text,
    matching,
)
from pix2pix.config.model_settings import ModelSettings
from pix2pix.config.train_settings import TrainSettings

OFF = "off"  # LPIPS is not measured
LEVELS = matching(
    r"stored|stretch|-?[0-9]+(\.[0-9]+)?--?[0-9]+(\.[0-9]+)?", "stored, stretch, or the levels that become black and white, such as 0-4095"
)
METRICS = Choice(dict.fromkeys(("l1", "psnr", "ssim", "lpips", "fd", "fid", "kid"), ""))
Threshold = Annotated[
    str,
    matching(
        rf"({'|'.join(METRICS.meanings)}) *(>=|<=) *-?[0-9]+(\.[0-9]*)?",
        f"a metric ({', '.join(METRICS.meanings)}), >= or <=, and a number, such as `ssim >= 0.3`",
    ),
]


@dataclass(frozen=True)
class Runtime:
    """Where and how exactly a stage computes."""

    device: Annotated[
        str,
        matching(r"auto|cpu|cuda(:[0-9]+)?", "auto, cpu, cuda or cuda:N"),
        Doc("`cpu`, `cuda`, `cuda:1` …, or `auto`: a GPU if there is one"),
        FromRow("scales"),
    ]
    deterministic: Annotated[bool, Doc("the same bits on every run; on the CPU also on every x86-64 machine with AVX2")] = True
    threads: Annotated[
        Positive, Doc("CPU threads of one stage; their number changes the last digits of results, as sums are split among them")
    ] = 2


@dataclass(frozen=True)
class Download:
    """How an archive is fetched, or made of synthetic images."""

    timeout: Annotated[AboveZero, Doc("seconds without a byte from the server before a try counts as failed")] = 20.0
    retries: Annotated[NonNegative, Doc("how often one address is tried again when the connection breaks or the server is busy")] = 3
    max_bytes: Annotated[Positive, Doc("refuse a larger archive (64 GiB)")] = 64 << 30
    sample_seed: Annotated[Seed, Doc("seed of the synthetic images; this and the next four apply to `source: sample` alone")] = 0
    sample_size: Annotated[Pixels, Doc("height of the synthetic images in pixels")] = 96
    sample_train: Annotated[Positive, Doc("number of images in their train split")] = 320
    sample_val: Annotated[Positive, Doc("number of images in their val split")] = 40
    sample_test: Annotated[Positive, Doc("number of images in their test split, if the dataset has one")] = 40


@dataclass(frozen=True)
class Prepare:
    """How the images of an archive are resized and packed."""

    load_size: Annotated[Pixels, Doc("size in pixels to which training images are resized before the random crop"), FromRow("scales")]
    crop_size: Annotated[Crop, Doc("size in pixels that the networks see, a power of two from 32 to 1024"), FromRow("scales")]
    resize: Annotated[
        str,
        Choice({"bicubic": "as the PyTorch reference", "area": "as the TensorFlow program", "bilinear": "as the Torch original"}),
        Doc("interpolation"),
    ] = "bicubic"
    fit: Annotated[
        str,
        Choice({"squash": "as the references", "crop": "take the middle", "pad": "with its edge colour"}),
        Doc("what to do with an image that is not square"),
    ] = "squash"
    on_bad_image: Annotated[
        str,
        Choice({"fail": "list them all and stop", "skip": "leave them out and say so"}),
        Doc("what to do if images cannot be used"),
    ] = "fail"
    val_fraction: Annotated[Fraction, Doc("share of train that becomes val if the archive has no val")] = 0.1
    levels: Annotated[
        str,
        LEVELS,
        Doc("which grey levels become black and white: `stored` (the file type's range), `stretch` (each image's range), or `0-4095`"),
    ] = "stored"
    max_pixels: Annotated[Positive, Doc("refuse a larger image (100 million pixels)")] = 100_000_000
    layout: Annotated[
        str,
        Choice({"auto": "by size", "arrays": "decoded and resized once", "encoded": "the files' own bytes, decoded at each reading"}),
        Doc("storage format"),
    ] = "auto"
    arrays_max_bytes: Annotated[
        NonNegative, Doc("with `layout: auto`, a split whose arrays would take more bytes is stored encoded (8 GiB)")
    ] = 8 << 30
    workers: Annotated[Positive | None, Doc("number of threads; the result does not depend on it", null="one for each core")] = None
    dask: Annotated[
        Annotated[str, matching(r"(tcp|tls|ws|wss|ucx)://.+", "an address such as tcp://10.0.0.5:8786")] | None,
        Doc("address of a Dask scheduler (`tcp://…`) whose workers share this folder", null="this machine alone"),
    ] = None
    max_unpacked_bytes: Annotated[Positive, Doc("refuse an archive that unpacks to more bytes (256 GiB)")] = 256 << 30
    max_files: Annotated[Positive, Doc("refuse an archive of more files")] = 2_000_000
    max_ratio: Annotated[Positive, Doc("refuse an archive that unpacks to more than so many times its size, and to over 64 MiB")] = 200


@dataclass(frozen=True)
class Infer:
    """How the trained generator is run on the evaluation split."""

    norm: Annotated[
        Annotated[str, Choice({"batch": "the image's own", "running": "the training's"})] | None,
        Doc("statistics by which images are normalised", null="batch if trained at batch size 1, else running"),
    ] = None
    batch_size: Annotated[Positive, Doc("images in memory at once; outputs do not depend on it")] = 16


@dataclass(frozen=True)
class Evaluate:
    """How predictions are measured."""

    features: Annotated[
        str,
        Choice({"efficientnet_lite0": "works offline", "inception_v3": "the published FID"}),
        Doc("network whose features the Fréchet and kernel distances compare"),
        FromRow("scales"),
    ] = "efficientnet_lite0"
    inception_weights: Annotated[Text | None, Doc("path of `pt_inception-2015-12-05-6726825d.pth`", null="fetched once")] = None
    lpips_weights: Annotated[
        Text,
        Doc("path of `alexnet-owt-7be5be79.pth`, or `fetch` (233 MB, once), or `off`: LPIPS is not measured"),
        FromRow("scales"),
    ] = OFF
    batch_size: Annotated[Positive, Doc("images measured at once")] = 16


@dataclass(frozen=True)
class Tracking:
    """How runs are recorded in MLflow."""

    enabled: Annotated[bool, Doc("record trainings in MLflow")] = True
    required: Annotated[bool, Doc("stop before training if MLflow cannot be reached; `false`: keep the record for later")] = True
    timeout: Annotated[AboveZero, Doc("seconds to wait for an MLflow server")] = 5.0
    register_if: Annotated[
        Threshold | None, Doc("condition for a model to be registered as `pix2pix-<dataset>`", null="none is registered")
    ] = "ssim>=0.3"
    champion_by: Annotated[
        str, METRICS, Doc("metric that chooses the champion among the registered models that were measured on the same images")
    ] = "ssim"
    tensorboard: Annotated[bool, Doc("also write event files into `tensorboard/`, for TensorBoard (`pip install tensorboard`)")] = False


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings of one dataset's pipeline, with each null of a `FromRow` key replaced by the value in the rows that apply.

    Fields with a Doc are top-level keys of params.yaml, or keys of its rows; dataclass fields are its sections.
    """

    dataset: str
    scale: Annotated[
        Text,
        Doc("which rows of `scales` apply; `sample`: synthetic images, 64 pixels; `small`: 128 pixels; `paper`: 256 pixels, for a GPU"),
    ] = "sample"
    recipe: Annotated[
        Text,
        Doc("which row of `recipes` applies; `paper`: as published; `better`: sharper, at 1.1 times the cost; `auto`: the scale's default"),
    ] = "auto"
    active: Annotated[
        tuple[Text, ...],
        Limit("a list of at least one dataset, such as [facades]", bool),
        Doc("datasets that `dvc repro` prepares, trains and measures"),
    ] = ("facades", "food", "anime")
    seed: Annotated[Seed, Doc("seed of the first weights, the order of the images, crops, flips and dropout")] = 0
    kind: Annotated[
        str,
        Choice(
            {
                "pairs": "A and B side by side in one image, A left",
                "lab": "colour images, to learn colouring",
                "folders": "folders A and B, matched by name",
            }
        ),
        Doc("what its archive or folder holds"),
        FromRow("datasets", alone=True),
    ]
    direction: Annotated[
        str,
        Choice({"AtoB": "B from A; lab: colour from lightness", "BtoA": "the reverse"}),
        Doc("what is learned"),
        FromRow("datasets", alone=True),
    ]
    eval_split: Annotated[
        str, Choice({"val": "", "test": ""}), Doc("split that is predicted and measured"), FromRow("datasets", alone=True)
    ]
    licence: Annotated[
        Text | None,
        Doc("licence of the images, for the model card; may be left out", null="unknown"),
        FromRow("datasets", alone=True),
    ] = None
    source: Annotated[
        Text,
        Doc(
            "`sample` (synthetic), `published`, or the address or path of an archive (.tar.gz .tgz .tar .zip) or the path of a folder; "
            "`#sha256=<64 digits>` at the end is checked"
        ),
        FromRow("scales", alone=True),
    ]
    runtime: Runtime
    download: Download
    prepare: Prepare
    model: ModelSettings
    train: TrainSettings
    infer: Infer
    evaluate: Evaluate
    tracking: Tracking

    def flat(self) -> dict[str, str | int | float | bool | None]:
        """Dotted key -> effective value, as printed and logged to MLflow. A tuple becomes the text of a list."""
        plain = {key: list(value) if isinstance(value, tuple) else value for key, value in flatten(asdict(self))}
        return {key: value if isinstance(value, str | int | float) or value is None else str(value) for key, value in plain.items()}


def flatten(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (dotted key, value) for each leaf of nested mappings; `prefix` is put before each key."""
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
