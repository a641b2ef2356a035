"""Resolve the argument --model: a folder, an exported file, an MLflow run, or a URI of MLflow's registry."""

import tempfile
from pathlib import Path

from pix2pix.errors import UserError
from pix2pix.inference.backends import Backend, OnnxBackend, TorchBackend
from pix2pix.inference.pipeline import ImageToImage
from pix2pix.models.description import DESCRIPTION
from pix2pix.models.files import SavedModel, load_model
from pix2pix.repository.cache import NotCached, fetch_folder
from pix2pix.repository.digests import model_sha256
from pix2pix.system.extras import extras_named


def find_backend(text: str, norm: str | None, root: Path, precision: str = "fp32", *, exact: bool = False) -> Backend:
    """Load a model as a backend.

    Args:
        text: a folder, an exported file, an MLflow run, or a URI of MLflow's registry.
        norm: batch, running, or None for the model's own.
        root: the repository, whose MLflow store is searched.
        precision: fp32, or bf16 for a trained model.
        exact: for a trained model, give the same bytes as the stage infer.

    Raises UserError if there is no such model, it is damaged, or it was exported with another `norm` or cannot run in `precision`.
    """
    file = Path(text)
    if not file.is_file():
        model, sha256 = find_trained(text, root)
        return TorchBackend(ImageToImage(model, norm, sha256), precision=precision, exact=exact)
    if file.suffix != ".onnx":
        raise UserError(f"{text} is no model: name a folder like data/models/facades, or a file of `pix2pix export` (.onnx)")
    backend = OnnxBackend(file)
    if norm not in (None, backend.description.norm):
        found = backend.description.norm
        raise UserError(f"{text} was exported with {found} statistics, for good: leave out --norm {norm}, or export with --norm {norm}")
    if precision != "fp32":
        raise UserError(f"{text} computes as it was exported: leave out --precision {precision}, or name the model that it was made from")
    return backend


def find_trained(text: str, root: Path) -> tuple[SavedModel, str]:
    """Load a trained model; returns it and the SHA-256 of its weights. Raises UserError if there is no such model, or it is damaged."""
    folder = Path(text)
    if folder.is_file():
        raise UserError(f"{text} is a file: name the model that it was made from, a folder like data/models/facades or an MLflow run")
    if folder.is_dir():
        _check_folder(folder)
        return load_model(folder), model_sha256(folder)
    with extras_named(f"{text} is no folder and no file; finding it in MLflow"):
        from pix2pix.tracking.model_download import download_model  # a model folder needs no MLflow

    with tempfile.TemporaryDirectory() as place:
        found = download_model(text, root, Path(place)) or _of_experiment(text, root, Path(place))
        if found is None:
            raise UserError(
                f"{text} is no folder and no file, and in {root} there is no MLflow run or model of that name{_hint(text, root)}"
            )
        return load_model(found), model_sha256(found)


def _of_experiment(name: str, root: Path, place: Path) -> Path | None:
    """Link the model of the DVC experiment `name` from DVC's cache into `place`; None if there is no such experiment.

    Raises UserError if several experiments have the name, it has several models, or neither cache nor remote has the model's files."""
    from pix2pix.repository.experiments import find_experiment, outputs_at  # reads YAML, which a model folder does not need

    commit = find_experiment(name, root)
    if commit is None:
        return None
    models = {dataset: outs["models"] for dataset, outs in outputs_at([commit], root)[commit].items() if "models" in outs}
    if len(models) != 1:
        raise UserError(
            f"the DVC experiment {name} has models of {', '.join(models) or 'no dataset'}: `dvc exp apply {name}`, then name one"
        )
    try:
        files = fetch_folder(next(iter(models.values())), root)
    except NotCached as problem:
        raise UserError(f"DVC's cache lacks the model of the experiment {name}, and so does the default remote: {problem}") from None
    for file, cached in files.items():
        (place / file).symlink_to(cached)
    return place


def _hint(text: str, root: Path) -> str:
    """A hint for the message: where a model of this name may be instead, or ""."""
    name = Path(text).name
    if (root / "data" / "models" / name / DESCRIPTION).exists():
        return f"; there is data/models/{name}"
    if Path(text).parent.name == "models":
        return (
            "; if an experiment with fewer `active` datasets took it away, `git checkout HEAD -- params.yaml dvc.lock data/metrics` "
            "and `dvc checkout` bring it back"
        )
    return ""


def _check_folder(folder: Path) -> None:
    """Raise UserError if the folder is no model but contains models, and name them."""
    exported = sorted(folder.glob("*.onnx"))
    if exported and not (folder / DESCRIPTION).exists():
        raise UserError(f"{folder} is no trained model, but holds an exported one: name the file, {exported[0]}")
    inside = sorted(path.parent.name for path in folder.glob(f"*/{DESCRIPTION}"))
    if inside and not (folder / DESCRIPTION).exists():
        raise UserError(f"{folder} is no trained model, but holds some: name one of them, {' or '.join(str(folder / it) for it in inside)}")
