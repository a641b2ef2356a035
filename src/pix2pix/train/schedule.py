"""Learning-rate schedules."""

import math


def lr_factor(policy: str, epoch: int, epochs: int) -> float:
    """Factor of the learning rate in `epoch` (from 1) of `epochs`.

    constant: 1, as in the TensorFlow implementation (affinelayer).
    linear: 1 in the first half, rounded up, so that a single epoch uses the full rate; then, as in the PyTorch reference,
    1 - (epoch - half) / (epochs - half + 1).
    cosine: (1 + cos(pi * (epoch - 1) / epochs)) / 2, from 1 towards 0 over the whole training.
    """
    if policy == "linear":
        half = (epochs + 1) // 2
        return 1.0 if epoch <= half else 1.0 - (epoch - half) / (epochs - half + 1)
    if policy == "cosine":
        return 0.5 * (1 + math.cos(math.pi * (epoch - 1) / epochs))
    return 1.0
