"""Learning rate over the epochs."""

import math


def lr_factor(policy: str, epoch: int, epochs: int) -> float:
    """Factor on the learning rate in `epoch`, counted from 1, of `epochs`.

    constant: 1, as the TensorFlow program trains. linear: 1 for the first half (the larger one of an odd number, so that a single epoch
    trains in full), then down towards 0 by the PyTorch reference's rule, 1 - max(0, epoch - half) / (rest + 1).
    cosine: from 1 down towards 0 over the whole training.
    """
    if policy == "linear":
        half = (epochs + 1) // 2
        return 1.0 if epoch <= half else 1.0 - (epoch - half) / (epochs - half + 1)
    if policy == "cosine":
        return 0.5 * (1 + math.cos(math.pi * (epoch - 1) / epochs))
    return 1.0
