"""The shape of params.yaml: every section, key, type and range. What the keys mean stands in the file itself."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator


def _auto_or_positive(value: object) -> object:
    if value == "auto" or (type(value) is int and value >= 1):
        return value
    raise ValueError


Positive = Annotated[int, Field(ge=1, description="a whole number of at least 1")]
Natural = Annotated[int, Field(ge=0, description="a whole number of at least 0")]
Seed = Annotated[int, Field(ge=0, lt=2**32, description="a whole number from 0 to 4294967295")]
Weight = Annotated[float, Field(ge=0, allow_inf_nan=False, description="a number of at least 0")]
Above0 = Annotated[float, Field(gt=0, allow_inf_nan=False, description="a number above 0")]
Share = Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False, description="a number from 0 to below 1")]
Pixels = Annotated[int, Field(ge=32, description="a whole number of pixels of at least 32")]
Text = Annotated[str, Field(min_length=1, description="a text that is not empty")]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]  # of folders, and of stages in DVC
Device = Annotated[str, Field(pattern=r"^(auto|cpu|cuda(:\d+)?)$", description="auto, cpu, cuda or cuda:N")]
# of a plain union pydantic would tell the alternatives apart in the key
Devices = Annotated[int | str, PlainValidator(_auto_or_positive), Field(description="auto, or a whole number of at least 1")]
Bar = Annotated[
    str,
    Field(
        pattern=r"^(l1|psnr|ssim|lpips|fd|fid|kid) *(>=|<=) *-?[0-9]+(\.[0-9]*)?$",
        description="a metric (l1, psnr, ssim, lpips, fd, fid or kid), >= or <=, and a number, such as `ssim >= 0.3`",
    ),
]
Crop = Annotated[
    Literal[32, 64, 128, 256, 512, 1024], Field(description="a power of two from 32 to 1024, as the U-Net halves it down to one pixel")
]


class Section(BaseModel):
    """A group of keys: no unknown ones, no coerced types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Runtime(Section):
    """Section `runtime`."""

    device: Device | None
    deterministic: bool
    threads: Positive


class Download(Section):
    """Section `download`."""

    timeout: Above0
    retries: Natural
    max_bytes: Positive
    sample_seed: Seed
    sample_size: Pixels
    sample_train: Positive
    sample_val: Positive
    sample_test: Positive


class Prepare(Section):
    """Section `prepare`."""

    load_size: Pixels | None
    crop_size: Crop | None
    resize: Literal["bicubic", "area", "bilinear"]
    fit: Literal["squash", "crop", "pad"]
    on_bad_image: Literal["fail", "skip"]
    val_fraction: Share
    layout: Literal["auto", "arrays", "encoded"]
    arrays_max_bytes: Natural
    workers: Positive | None
    dask: Annotated[str, Field(pattern=r"^(tcp|tls|ws|wss|ucx)://.+", description="an address such as tcp://10.0.0.5:8786")] | None
    max_unpacked_bytes: Positive
    max_files: Positive


class Model(Section):
    """Section `model`."""

    generator: Literal["unet", "resnet"]
    ngf: Positive | None
    ndf: Positive | None
    norm: Literal["batch", "instance", "none"]
    dropout: Share
    dropout_at: list[Positive]
    bottleneck_norm: bool
    upsample: Literal["deconv", "resize"]
    discriminator: Literal["patch", "pixel", "multiscale"]
    discriminator_layers: Positive
    discriminator_scales: Positive


class Train(Section):
    """Section `train`."""

    epochs: Positive | None
    batch_size: Positive | None
    lr: Above0
    beta1: Share
    beta2: Share
    lr_policy: Literal["constant", "linear", "cosine"]
    gan_mode: Literal["vanilla", "lsgan", "hinge", "wgangp"]
    lambda_gan: Weight
    lambda_l1: Weight | None
    flip: bool | None
    halve_d_loss: bool
    d_fake_for_g: Literal["fresh", "shared"]
    pool_size: Natural
    ema: Share
    accumulate: Positive
    augment_d: Literal["none", "translate", "translate+color", "translate+color+cutout"]
    adam: Literal["fused", "loop"]
    channels_last: bool
    precision: Literal["fp32", "tf32", "bf16"]
    graph: Literal["auto", "off"]
    devices: Devices
    sync_batch_norm: bool
    lambda_perceptual: Weight
    perceptual_weights: Text | None
    keep: Literal["last", "best"]
    samples: Natural
    checkpoint_seconds: Above0
    profile_steps: Natural


class Infer(Section):
    """Section `infer`."""

    norm: Literal["batch", "running"] | None
    batch_size: Positive


class Evaluate(Section):
    """Section `evaluate`."""

    features: Literal["efficientnet_lite0", "inception_v3"]
    inception_weights: Text | None
    lpips_weights: Text | None
    batch_size: Positive


class Tracking(Section):
    """Section `tracking`."""

    enabled: bool
    required: bool
    timeout: Above0
    register_if: Bar | None
    champion_by: Literal["l1", "psnr", "ssim", "lpips", "fd", "fid", "kid"]


class DatasetRow(Section):
    """`datasets.<name>`: what a dataset is, at every scale."""

    kind: Literal["pairs", "lab", "folders"]
    direction: Literal["AtoB", "BtoA"]
    eval_split: Literal["val", "test"]
    lambda_l1: Weight
    flip: bool


class ScaleRow(Section):
    """`scales.<scale>.<name>`: how large a dataset's chain is at one scale."""

    source: Text
    device: Device
    epochs: Positive
    batch_size: Positive
    load_size: Pixels
    crop_size: Crop
    ngf: Positive
    ndf: Positive


class ParamsFile(Section):
    """The whole file."""

    scale: Text
    active: Annotated[list[Text], Field(min_length=1, description="a list of at least one dataset, such as [facades]")]
    seed: Seed
    runtime: Runtime
    download: Download
    prepare: Prepare
    model: Model
    train: Train
    infer: Infer
    evaluate: Evaluate
    tracking: Tracking
    datasets: dict[Name, DatasetRow]
    scales: dict[Name, dict[Name, ScaleRow]]
