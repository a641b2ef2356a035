"""Labels of losses and of the rows of an evaluation, shared by all programs, and keys in MLflow."""

LOSSES = {
    "loss_g_gan": "G (GAN)",
    "loss_g_l1": "training L1 loss",
    "loss_d_real": "D (real)",
    "loss_d_fake": "D (fake)",
    "loss_g_perceptual": "perceptual loss",
    "val_l1": "validation L1 loss",
    "lr": "learning rate",
}
"""Column of data/history/<dataset>.csv -> its label."""


def loss_label(column: str) -> str:
    """What a person reads for a column of the history: a further term of G's loss is called by its name."""
    return LOSSES.get(column) or column.removeprefix("loss_g_").replace("_", " ") + " loss"


# Rows of data/evaluation/<dataset>.json. IDENTITY and MEAN are baselines without training; REFERENCE compares real images with real ones.
MODEL = "model"
IDENTITY = "identity (input)"
MEAN = "mean training image"
REFERENCE = "reference (real vs. real)"

CAUTION = "evaluation.caution"  # a tag in MLflow
