"""Copy a model that MLflow has into a model folder."""

import shutil
import tempfile
from pathlib import Path

from pix2pix.models.description import DESCRIPTION, WEIGHTS
from pix2pix.models.files import SavedModel, load_model
from pix2pix.system.atomic_write import atomic_folder, write_errors
from pix2pix.tracking.model_download import download_model


def import_recorded(source: str, output: Path, root: Path) -> SavedModel | None:
    """Write the folder `output` with the very files of a recorded model, and return the model.

    source: a run, or an address of MLflow, as for `download_model`. root: the repository, whose MLflow store is searched. Returns None if
    there is no such run. Raises UserError if MLflow cannot be reached, the address or the run has no model, or it is damaged.
    """
    with tempfile.TemporaryDirectory() as place:
        found = download_model(source, root, Path(place))
        if found is None:
            return None
        model = load_model(found)
        with write_errors(output), atomic_folder(output) as temporary:
            for name in (WEIGHTS, DESCRIPTION):
                shutil.copyfile(found / name, temporary / name)
    return model
