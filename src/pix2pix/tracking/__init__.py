"""Recording of runs in MLflow: the only place of the project that knows MLflow.

One trained model is one run, and so are other predictions by the same model. ``open_run`` starts it (training), ``reopen_for_model`` finds
it again by the hashes of its weights and predictions (evaluation, export), so that no run id is in a file that is hashed.
Everything logged is written to a journal on the disk first and sent to MLflow by a thread: a server that is slow, down or dies costs the
training neither time nor data, and ``deliver`` sends later what could not be sent.

The hashes of `repository` are here too: stages only record them, so that their outputs do not depend on that code.

MLflow itself is imported when the first run is opened, not with this package, and not at all while tracking is switched off.
"""

from pix2pix.repository.digests import folder_digest, model_sha256
from pix2pix.repository.dvc_lock import chain_sha256, data_digest
from pix2pix.tracking.delivery import Delivery, deliver
from pix2pix.tracking.opening import Scalar, open_run, reopen_for_model
from pix2pix.tracking.run import Run
from pix2pix.tracking.store import tracking_uri
from pix2pix.tracking.tags import PREDICTIONS

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
