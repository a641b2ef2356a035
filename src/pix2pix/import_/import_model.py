"""Make a model folder of the weights of a generator of the PyTorch reference, or of a model that MLflow has."""

import re
import shlex
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from pix2pix.data.colour_planes import ColourPlanes
from pix2pix.data.palettes import PALETTES
from pix2pix.errors import UserError
from pix2pix.models.description import DESCRIPTION, WEIGHTS
from pix2pix.models.files import SavedModel, load_model, save_model
from pix2pix.models.reference_weights import NotTheReference, from_reference
from pix2pix.models.weights_file import WeightsError, load_tensors, sha256
from pix2pix.system.atomic_write import atomic_folder, write_errors
from pix2pix.system.extras import extras_named
from pix2pix.system.terminal import printable

_FILES = "efrosgans.eecs.berkeley.edu/pix2pix/models-pytorch/{name}.pth"


@dataclass(frozen=True)
class PublishedModel:
    """Name of a published generator, the dataset and direction that it was trained on. All are U-Nets of 256 pixels."""

    name: str
    dataset: str
    direction: str
    palette: str | None = None  # of its inputs, where they are label maps

    @property
    def mirrors(self) -> tuple[str, ...]:
        """Addresses of the file, to be tried in turn."""
        return tuple(f"{scheme}://{_FILES.format(name=self.name)}" for scheme in ("https", "http"))


# The authors publish no digests; `pix2pix import` writes that of the file it read into model.json.
PUBLISHED = {
    model.name: model
    for model in (
        PublishedModel("facades_label2photo", "facades", "BtoA", palette="facades"),
        PublishedModel("edges2shoes", "edges2shoes", "AtoB"),
        PublishedModel("sat2map", "maps", "AtoB"),
        PublishedModel("map2sat", "maps", "BtoA"),
        PublishedModel("day2night", "night2day", "BtoA"),
    )
}


_WHAT = "weights of a generator of pytorch-CycleGAN-and-pix2pix, like latest_net_G.pth"
_KINDS = {(3, 3): "pairs", (1, 2): "lab"}  # the reference colours in Lab as well, in the same ranges: L / 50 - 1 and ab / 110


def import_model(
    source: str,
    output: Path,
    root: Path,
    *,
    dataset: str | None = None,
    direction: str | None = None,
    norm: str | None = None,
    dropout: float | None = None,
    palette: str | None = None,
) -> SavedModel:
    """Write the folder `output` with the weights of `source`, and return the model.

    Args:
        source: a .pth file, a name of `PUBLISHED`, which is fetched, or a model of MLflow (see `download_model`), which
            says itself all that follows but `output` and `root`.
        output: the folder to make; one that is there is left alone.
        root: the repository, whose MLflow store is searched.
        dataset, direction: what the weights were trained on; None for those of a published name.
        norm: statistics that it normalises by: batch, of each image, as the reference's test.py does for pix2pix (None too), or running.
        dropout: of a U-Net, as `from_reference`; None: 0.5.
        palette: name in PALETTES of the label maps that are its inputs; None: that of a published model, or no label maps.

    Raises UserError if the file cannot be had, is another file, or `output` is there.
    """
    if output.exists():
        raise UserError(f"{output} is there already: name another folder, or remove this one")
    known = PUBLISHED.get(source)
    if known is None and not Path(source).is_file():
        if any(option is not None for option in (dataset, direction, norm, dropout, palette)):
            raise UserError(f"there is no file {source}; for a model of MLflow, which says what it is, leave out all options but --output")
        return _recorded(source, output, root)
    dataset, direction = dataset or (known.dataset if known else None), direction or (known.direction if known else None)
    if dataset is None or direction is None:
        raise UserError("--dataset and --direction: say what the weights were trained on, such as --dataset facades --direction BtoA")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,200}", dataset):
        raise UserError(f"--dataset {dataset!a}: must be a name of letters, digits, - and _")
    with tempfile.TemporaryDirectory() as folder:
        path, origin = Path(source), Path(source).name
        if known:
            path = Path(folder) / f"{source}.pth"
            given = {"dataset": dataset, "direction": direction, "norm": norm, "palette": palette or known.palette, "output": str(output)}
            words = [word for name, value in given.items() if value for word in (f"--{name}", value)]
            by_hand = shlex.join(["pix2pix", "import", path.name, *words, *(["--no-dropout"] if dropout == 0 else [])])
            origin = _fetch(known, path, by_hand)
        model = _read(path, dataset, direction, norm or "batch", 0.5 if dropout is None else dropout, origin)
        if name := palette or (known.palette if known else None):
            model = replace(model, palette=PALETTES[name])
    save_model(output, model)
    return model


def _fetch(known: PublishedModel, path: Path, by_hand: str) -> str:
    """Download a published model to `path` and return its address. Raises UserError with `by_hand`, the command for a local file."""
    from pix2pix.download.fetch import download_first  # needs requests, which a file on this machine does not
    from pix2pix.download.partial_download import Wanted

    way_out = f"Bring the file from there by other means, then: {by_hand}"
    return download_first(known.mirrors, path, Wanted(archive=False), way_out=way_out)


def _recorded(source: str, output: Path, root: Path) -> SavedModel:
    """Write the folder `output` with the very files of a model that MLflow has. Raises UserError."""
    with extras_named(f"{source} is no file; finding it in MLflow"):
        from pix2pix.tracking.model_download import download_model  # needs MLflow, which a file on this machine does not

    with tempfile.TemporaryDirectory() as place:
        if found := download_model(source, root, Path(place)):
            model = load_model(found)
            with write_errors(output), atomic_folder(output) as temporary:
                for name in (WEIGHTS, DESCRIPTION):
                    shutil.copyfile(found / name, temporary / name)
            return model
    no_file = f"{source} is a folder, and a model folder is used as it is" if Path(source).is_dir() else f"there is no file {source}"
    raise UserError(f"{no_file}, and it is neither a run in MLflow nor one of the published models {', '.join(PUBLISHED)}")


def _read(path: Path, dataset: str, direction: str, norm: str, dropout: float, origin: str) -> SavedModel:
    """Read and check the weights. Raises UserError."""
    state = load_tensors(path, _WHAT)
    try:
        generator, settings, channels = from_reference(state, dropout)
        kind = _KINDS.get(channels)
        if kind is None or (kind == "lab" and direction != "AtoB"):
            raise NotTheReference(
                f"it maps {channels[0]} to {channels[1]} channels, {direction}: 3 to 3 (RGB) or, AtoB, 1 to 2 (Lab) can be used"
            )
    except NotTheReference as error:
        raise WeightsError(f"{path} is not {_WHAT}: {error}") from None
    planes = ColourPlanes.of(kind, direction)
    origin = f"{printable(origin[:200])}, sha256 {sha256(path)}"
    return SavedModel(generator, dataset, kind, direction, planes, settings, norm, epochs=0, origin=origin)
