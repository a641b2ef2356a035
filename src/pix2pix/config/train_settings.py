"""Settings of the training: losses, optimiser, schedule, precision, devices."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pix2pix.config.constraints import AboveZero, Choice, Doc, Fraction, FromRow, NonNegative, Positive, Text, Weight

NOISE = "data/noise"  # which the stage check writes: DVC tracks the content of what a training starts from, and has no empty dependency
GAN_MODES = Choice({"vanilla": "cross-entropy", "lsgan": "", "hinge": "", "wgangp": ""})
PENALISED = ("wgangp",)  # those that differentiate D a second time, in a pass of their own


@dataclass(frozen=True)
class TrainSettings:
    """Losses, schedule and engine of a training."""

    epochs: Annotated[Positive, Doc("passes over the training images"), FromRow("scales")]
    batch_size: Annotated[Positive, Doc("images of one update"), FromRow("scales")]
    lr: Annotated[AboveZero, Doc("learning rate of Adam, for both networks"), FromRow("recipes")] = 2e-4
    beta1: Annotated[Fraction, Doc("Adam's decay of the mean gradient")] = 0.5
    beta2: Annotated[Fraction, Doc("Adam's decay of the mean squared gradient")] = 0.999
    lr_policy: Annotated[
        str,
        Choice({"constant": "", "linear": "first half constant, then down to 0", "cosine": "down from the start"}),
        Doc("learning rate over the epochs"),
        FromRow("recipes"),
    ] = "constant"
    gan_mode: Annotated[str, GAN_MODES, Doc("adversarial loss")] = "vanilla"
    lambda_gan: Annotated[Weight, Doc("weight of the adversarial loss in the generator's loss")] = 1.0
    lambda_l1: Annotated[Weight, Doc("weight of the L1 loss in the generator's loss"), FromRow("datasets")] = 100.0
    l1_weights: Annotated[
        str,
        Choice({"even": "", "colour": "for kind lab: higher where the target is more colourful"}),
        Doc("weights of the pixels in the L1 loss"),
        FromRow("recipes"),
    ] = "even"
    flip: Annotated[bool, Doc("mirror half of the training images left to right"), FromRow("scales")] = True
    halve_d_loss: Annotated[bool, Doc("the discriminator's loss is the mean of its losses on real and fake, not their sum")] = True
    d_fake_for_g: Annotated[
        str,
        Choice({"fresh": "after its update", "shared": "before it, which saves a pass"}),
        Doc("which discriminator the generator's adversarial loss uses"),
    ] = "fresh"
    pool_size: Annotated[NonNegative, Doc("number of earlier fakes kept to show the discriminator again; 0 is off")] = 0
    ema: Annotated[Fraction, Doc("decay of a moving average of the generator's weights, which becomes the model; 0 is off")] = 0.0
    accumulate: Annotated[
        Positive, Doc("parts into which a batch is split to save memory; their gradients are added up before the update")
    ] = 1
    augment_d: Annotated[
        str,
        Choice(dict.fromkeys(("none", "translate", "translate+color", "translate+color+cutout"), "")),
        Doc("augmentation of the discriminator's images, real and fake"),
        FromRow("recipes"),
    ] = "none"
    adam: Annotated[
        str, Choice({"fused": "fastest", "loop": "bit-identical to the reference's on the CPU"}), Doc("implementation of Adam")
    ] = "fused"
    channels_last: Annotated[bool, Doc("use PyTorch's memory format channels_last")] = True
    precision: Annotated[
        str, Choice({"fp32": "", "tf32": "PyTorch's default for convolutions; on the CPU fp32", "bf16": ""}), Doc("floating-point format")
    ] = "tf32"
    graph: Annotated[str, Choice({"auto": "on CUDA the whole step as one captured graph", "off": ""}), Doc("CUDA graph")] = "auto"
    compile: Annotated[
        str, Choice({"off": "", "default": "", "max-autotune": ""}), Doc("torch.compile of the networks and losses; needs a C++ compiler")
    ] = "off"
    devices: Annotated[
        Literal["auto"] | Positive,
        Doc("processes on this machine, one for each GPU; `auto`: as many GPUs as divide the batch size, on the CPU one process"),
    ] = "auto"
    sync_batch_norm: Annotated[
        bool, Doc("with several processes: batch statistics of the whole batch, as on one device; `false`: of each process's part, faster")
    ] = True
    lambda_perceptual: Annotated[
        Weight,
        Doc("weight of a perceptual loss (LPIPS on SqueezeNet) in the generator's loss; 0 is off (not for `kind: lab`)"),
        FromRow("recipes"),
    ] = 0.0
    perceptual_weights: Annotated[Text | None, Doc("path of `squeezenet1_1-b8a52dc0.pth`", null="fetched once")] = None
    start_from: Annotated[
        Text,
        Doc(f"model folder whose weights the training starts from, such as models/food; {NOISE}: random weights"),
    ] = NOISE
    freeze: Annotated[
        str,
        Choice({"none": "", "encoder": "the half that reads the input, for very small sets"}),
        Doc("part of the generator that is not trained"),
    ] = "none"
    keep_state: Annotated[
        bool,
        Doc("keep the finished training's checkpoint in `.resume/`, to go on for more epochs; needs `lr_policy: constant`"),
    ] = False
    keep_discriminator: Annotated[
        bool,
        Doc("save discriminator and Adam's state beside the model, for a training that starts from it; over three times its size in all"),
    ] = False
    keep: Annotated[str, Choice({"last": "", "best": "lowest validation L1 loss"}), Doc("epoch whose weights become the model")] = "last"
    samples: Annotated[NonNegative, Doc("number of sample sheets made during the training")] = 10
    checkpoint_seconds: Annotated[AboveZero, Doc("seconds between two checkpoints, more where saving takes over 1% of the time")] = 30.0
    profile_steps: Annotated[NonNegative, Doc("updates recorded in a PyTorch trace, for MLflow and `.resume/profiles/`; 0 is off")] = 0
