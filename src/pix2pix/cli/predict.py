"""`pix2pix predict`: what a trained model makes of your own images."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pix2pix.errors import UserError
from pix2pix.system.runtime import fix_arithmetic

if TYPE_CHECKING:
    from pix2pix.models.description import Description
    from pix2pix.predict.predict import Options, Outcome

Subparsers = argparse._SubParsersAction  # argparse has no public name for it
DESCRIPTION = """What a trained model makes of your own images. They need no target, and may have any size, shape and mode; the model says
itself what it is. Each image is shown to the model as its training showed it images: at the size that it was trained at, and squashed
or padded to a square where its training did so (`prepare.fit`). The output is brought back to the image's own size (a colouring keeps
the image's own lightness, and with it every detail). Outputs are PNG files; a GIF, and other animations, keep their frames and
durations."""
_FULL = 0  # --size full


def add(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = subparsers.add_parser("predict", help="run a trained model on your own images", description=DESCRIPTION)
    parser.add_argument("--model", required=True, metavar="MODEL", help="a folder like data/models/facades, an MLflow run (id or name), "
                        "an address models:/…, or a file of `pix2pix export`")  # fmt: skip
    parser.add_argument("--input", required=True, metavar="FILE|DIR|GLOB", help="an image, a folder of images, or a pattern in quotes")
    parser.add_argument("--output", required=True, type=Path, metavar="DIR", help="folder for the outputs, made if it is not there")
    parser.add_argument("--size", type=_size, metavar="N|full", help="pixels of the shorter side that the model works at, in the image's "
                        "own proportions; full: the image's own size, unscaled; by default as in its training")  # fmt: skip
    parser.add_argument("--seed", type=_seed, metavar="N", help="switch the model's noise (dropout) on, with this seed; the same seed "
                        "gives the same output everywhere. Without it there is no noise")  # fmt: skip
    parser.add_argument("--samples", type=_count, metavar="N", help="N outputs for each image, with the seeds from --seed (or 0) on")
    parser.add_argument("--norm", choices=("batch", "running"), help="normalise by each image's own statistics (batch) or by those of "
                        "the training (running); by default what fits the training")  # fmt: skip
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="fp32", help="bf16: in bfloat16, about half as long where the "
                        "processor has instructions for it (AVX-512 BF16, AMX, GPUs from 2020 on); colours may be a few of 255 levels off, "
                        "and more where the model is undecided")  # fmt: skip
    parser.add_argument("--tile", action="store_true", help="work on overlapping tiles of the training size, for images that do not fit "
                        "into memory at full size; with running statistics. No tile sees the whole image, so what depends on far-away "
                        "parts may change from tile to tile")  # fmt: skip
    parser.add_argument("--snap", action="store_true", help="paint a label map in the nearest colours of the model's palette first")
    parser.add_argument("--alpha", choices=("keep", "composite"), default="keep", help="what is see-through in an image is laid over "
                        "white for the model; keep: and is see-through again in the output (default); "
                        "composite: and stays white")  # fmt: skip
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Find, check, generate, report. Raises UserError for a user's mistake; for bad images after the good ones are written."""
    from pix2pix.predict.inputs import find_inputs

    inputs = find_inputs(arguments.input, arguments.output)
    if arguments.tile and arguments.norm == "batch":
        raise UserError("--tile and --norm batch exclude each other: tiles normalised each by itself would differ in colour")
    as_trained = arguments.size is None and not arguments.tile and arguments.precision == "fp32"
    if as_trained and "torch" not in sys.modules:
        fix_arithmetic()

    # torch takes seconds to import: mistakes are reported before
    from pix2pix.cli.compare import repository
    from pix2pix.predict.find_model import find_backend
    from pix2pix.predict.predict import predict

    norm = "running" if arguments.tile else arguments.norm
    backend = find_backend(arguments.model, norm, repository(), arguments.precision, exact=as_trained)
    options = _options(arguments, backend.description)
    print(_introduction(backend.description, options))
    outcome = predict(backend, inputs, arguments.output, options)
    _report(outcome, arguments.output, len(inputs))


def _options(arguments: argparse.Namespace, about: "Description") -> "Options":
    """The options, with what the model says in place of what the person did not."""
    from pix2pix.inference.pipeline import NO_NOISE
    from pix2pix.inference.sizing import Sizing
    from pix2pix.predict.predict import Options

    if arguments.snap and not about.palette:
        raise UserError(f"--snap: this model of {about.dataset} does not draw from a label map of known colours; leave it out")
    if arguments.samples and not about.noise:
        raise UserError(f"--samples: this model of {about.dataset} has no noise (model.dropout is 0), so all would be alike; leave it out")
    first, noisy = arguments.seed or 0, about.noise and (arguments.seed is not None or arguments.samples is not None)
    own_size = arguments.size == _FULL or (arguments.size is None and arguments.tile)
    chosen = own_size or arguments.size is not None
    return Options(
        sizing=Sizing.chosen(about, None if own_size else arguments.size) if chosen else Sizing.as_trained(about),
        seeds=[first + number for number in range(arguments.samples or 1)] if noisy else [NO_NOISE],
        named=arguments.samples is not None,
        tile=arguments.tile,
        snap=arguments.snap,
        alpha=arguments.alpha == "keep",
    )


def _introduction(about: "Description", options: "Options") -> str:
    """In a line: what the model is, and what will be done."""
    sizing = options.sizing
    shown = {
        "squash": f"squashed to {sizing.size}x{sizing.size} px",
        "pad": f"padded to a square of {sizing.size} px",
        "crop": f"with the shorter side at {sizing.size} px",
    }
    size = "at the image's own size" if sizing.size is None else f"{shown[sizing.fit]}, then brought back to its own size"
    tiles = f", in tiles of {about.size} px that overlap by half" if options.tile else ""
    noise = "no noise" if options.seeds[0] < 0 else f"noise of seed {', '.join(map(str, options.seeds))}"
    return f"{about.dataset}, trained at {about.size} px: each image {size}{tiles}; {about.norm} statistics, {noise}"


def _report(outcome: "Outcome", folder: Path, count: int) -> None:
    for note in outcome.notes:
        print(note)
    print(f"{len(outcome.written)} written to {folder}")
    if outcome.failed:
        listed = "\n".join(f"  - {file}: {reason}" for file, reason in outcome.failed.items())
        raise UserError(f"{len(outcome.failed)} of {count} images could not be used:\n{listed}")


def _size(text: str) -> int:
    return _FULL if text == "full" else _at_least(text, 1)


def _count(text: str) -> int:
    return _at_least(text, 1)


def _seed(text: str) -> int:
    return _at_least(text, 0)


def _at_least(text: str, least: int) -> int:
    """A whole number; raises argparse's error for another text."""
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if not least <= number < 2**31:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {least} to {2**31 - 1}")
    return number
