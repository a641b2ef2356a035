"""What governs a training."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TrainSettings:
    """Losses, schedule and engine of a training; the choices are described in params.yaml, section `train`."""

    epochs: int
    batch_size: int
    lr: float = 2e-4
    beta1: float = 0.5
    beta2: float = 0.999
    lr_policy: str = "constant"
    gan_mode: str = "vanilla"
    lambda_gan: float = 1.0
    lambda_l1: float = 100.0
    flip: bool = True
    halve_d_loss: bool = True
    d_fake_for_g: str = "fresh"
    pool_size: int = 0
    ema: float = 0.0
    accumulate: int = 1
    augment_d: str = "none"
    adam: str = "fused"
    channels_last: bool = True
    precision: str = "tf32"
    graph: str = "auto"
    devices: int | str = "auto"
    sync_batch_norm: bool = True
    lambda_perceptual: float = 0.0
    perceptual_weights: str | None = None
    keep: str = "last"
    samples: int = 10
    checkpoint_seconds: float = 30.0
    profile_steps: int = 0
