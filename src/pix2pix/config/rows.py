"""The rows of params.yaml: what a dataset is, how large its chain is at a scale, and how a recipe builds and trains its networks."""

from dataclasses import dataclass
from typing import Annotated

from pix2pix.config.constraints import Choice, Doc, Text
from pix2pix.config.model_settings import DiscriminatorLayers, DiscriminatorWidth, GeneratorWidth, Upsample
from pix2pix.config.settings import Device, Features, LoadSize, LpipsWeights, PreparedSize
from pix2pix.config.train_settings import (
    AugmentD,
    BatchSize,
    Epochs,
    Flip,
    L1Weights,
    LambdaL1,
    LambdaPerceptual,
    LearningRate,
    LRPolicy,
)


@dataclass(frozen=True)
class DatasetRow:
    """`datasets.<dataset>`: what a dataset is, at every scale."""

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
    ]
    direction: Annotated[str, Choice({"AtoB": "B from A; lab: colour from lightness", "BtoA": "the reverse"}), Doc("what is learned")]
    eval_split: Annotated[str, Choice({"val": "", "test": ""}), Doc("split that is predicted and measured")]
    lambda_l1: LambdaL1
    licence: Annotated[Text | None, Doc("licence of the images, for the model card; may be left out", null="unknown")] = None


@dataclass(frozen=True)
class ScaleRow:
    """`scales.<scale>.<dataset>`: how large a dataset's chain is at one scale."""

    source: Annotated[
        Text,
        Doc(
            "`sample` (synthetic), `published`, or the address or path of an archive (.tar.gz .tgz .tar .zip) or the path of a folder; "
            "`#sha256=<64 digits>` at the end is checked"
        ),
    ]
    device: Device
    epochs: Epochs
    batch_size: BatchSize
    load_size: LoadSize
    crop_size: PreparedSize
    ngf: GeneratorWidth
    ndf: DiscriminatorWidth
    flip: Flip
    features: Features
    lpips_weights: LpipsWeights


@dataclass(frozen=True)
class RecipeRow:
    """`recipes.<recipe>.<scale>`: how the networks of every dataset are built and trained at one scale."""

    upsample: Upsample
    discriminator_layers: DiscriminatorLayers
    lr: LearningRate
    lr_policy: LRPolicy
    l1_weights: L1Weights
    augment_d: AugmentD
    lambda_perceptual: LambdaPerceptual
