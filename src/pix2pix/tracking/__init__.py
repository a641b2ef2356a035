"""Recording of runs in MLflow: the only place of the project that knows MLflow.

One trained model is one run, and so are other pictures by the same model. ``open_run`` starts it (training), ``reopen_for_model`` finds it
again by the hashes of its weights and pictures (evaluation, export), so that no run id has to travel through files that are hashed.
Whatever is logged goes to a journal on the disk first and is handed to MLflow by a thread of its own: a server that is slow, down or dies
costs the training neither time nor data, and ``deliver`` hands over later what could not be sent.

MLflow itself is imported when the first run is opened, not with this package, and not at all while tracking is switched off.
"""

from pix2pix.tracking.delivery import Delivery, deliver
from pix2pix.tracking.lineage import PREDICTIONS, chain_sha256, data_digest, folder_digest, model_sha256
from pix2pix.tracking.opening import Scalar, open_run, reopen_for_model
from pix2pix.tracking.run import Run
from pix2pix.tracking.store import tracking_uri

__all__ = [
    "PREDICTIONS",
    "Delivery",
    "Run",
    "Scalar",
    "chain_sha256",
    "data_digest",
    "deliver",
    "folder_digest",
    "model_sha256",
    "open_run",
    "reopen_for_model",
    "tracking_uri",
]
