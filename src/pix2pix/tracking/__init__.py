"""Record runs in MLflow. This is the only package that knows MLflow.

A run is one trained model. Predictions of the same model with other settings get a run of their own. Training starts a run with
`open_run`. Evaluation and export find it with `reopen_for_model`, by the hashes of weights and predictions, so that no hashed file holds a
run id.

Everything is written to a journal on disk first; a thread sends it to MLflow. A server that is slow or down therefore costs the training
neither time nor data, and `deliver` sends the rest later.

The package re-exports hashes of `repository`: stages only record them, so their outputs do not depend on that code.

MLflow is imported when the first run is opened, and never if tracking is off.
"""

from pix2pix.repository.digests import folder_digest, model_sha256
from pix2pix.tracking.opening import open_run, reopen_for_model
from pix2pix.tracking.run import Run
from pix2pix.tracking.sender import deliver
from pix2pix.tracking.store import tracking_uri
from pix2pix.tracking.tags import PREDICTIONS

__all__ = [
    "PREDICTIONS",
    "Run",
    "deliver",
    "folder_digest",
    "model_sha256",
    "open_run",
    "reopen_for_model",
    "tracking_uri",
]
