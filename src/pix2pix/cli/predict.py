"""`pix2pix predict`: run a trained model on a user's own images."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pix2pix.cli.arguments import Subparsers, add_reading, number, reading
from pix2pix.errors import UserError
from pix2pix.system.runtime import fix_arithmetic
from pix2pix.system.terminal import counted, say

if TYPE_CHECKING:
    from pix2pix.models.description import Description
    from pix2pix.predict.inputs import Inputs
    from pix2pix.predict.predict import Options, Outcome

DESCRIPTION = """Run a trained model on your own images, of any size, shape and mode; they need no target. By default each image is scaled
to the training size, and squashed or padded to a square if `prepare.fit` was squash or pad. The output is scaled back to the image's own
size; a colouring keeps the image's own lightness, and with it the detail. On a CPU the network computes as in the stage infer, to the bit.
--size, --tile and --precision bf16 are faster there; values are then rarely 1 of 255 levels off (bf16: a few). Outputs are PNG files; a GIF
or another animation keeps its frames and durations."""
_FULL = 0  # --size full
_SEED = number(int, lambda value: 0 <= value < 2**31, "a whole number from 0 to 2147483647")
_COUNT = number(int, lambda value: 1 <= value < 2**31, "a whole number from 1 to 2147483647")


def add(subparsers: Subparsers) -> None:
    """Describe the command."""
    parser = subparsers.add_parser("predict", help="run a trained model on your own images", description=DESCRIPTION)
    parser.add_argument("--model", required=True, metavar="MODEL", help="a folder like data/models/facades, an MLflow run (id or name), "
                        "an address models:/…, or a file of `pix2pix export`")  # fmt: skip
    parser.add_argument("--input", required=True, nargs="+", action="extend", metavar="FILE|DIR|GLOB", help="images, folders of images, "
                        "or patterns in quotes; a name that exists is taken as it is, also with brackets")  # fmt: skip
    parser.add_argument("--output", required=True, type=Path, metavar="DIR", help="folder for the outputs, made if it is not there")
    parser.add_argument("--size", type=_size, metavar="N|full", help="scale the shorter side to N pixels and keep the proportions; "
                        "full: do not scale (default: as in training)")  # fmt: skip
    parser.add_argument("--seed", type=_SEED, metavar="N", help="switch on the model's noise (dropout) with this seed; the same seed "
                        "gives the same output everywhere (default: no noise)")  # fmt: skip
    parser.add_argument("--samples", type=_COUNT, metavar="N", help="write N outputs for each image, with N seeds from --seed (or 0) on")
    parser.add_argument("--norm", choices=("batch", "running"), help="normalise by each image's own statistics (batch) or by those of "
                        "the training (running) (default: what fits the training)")  # fmt: skip
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="fp32", help="bf16: compute in bfloat16, about twice as fast "
                        "where the processor has instructions for it (AVX-512 BF16, AMX, GPUs from 2020 on); colours may be a few of 255 "
                        "levels off, and more where the model is uncertain")  # fmt: skip
    parser.add_argument("--tile", action="store_true", help="work on overlapping tiles of the training size, at full size unless --size is "
                        "given, for images that do not fit into memory; with running statistics. No tile sees the whole image, so "
                        "tiles may differ in what depends on distant parts")  # fmt: skip
    parser.add_argument("--snap", action="store_true", help="first replace each colour of a label map by the nearest in the palette")
    parser.add_argument("--alpha", choices=("keep", "composite"), default="keep", help="the model sees transparent parts over white; "
                        "keep: they are transparent again in the output (default); composite: they stay white")  # fmt: skip
    add_reading(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Run the model on all inputs. Raises UserError for a user's mistake, and for bad images after the good ones are written."""
    from pix2pix.predict.inputs import find_inputs

    inputs = find_inputs(arguments.input, arguments.output)
    if arguments.tile and arguments.norm == "batch":
        raise UserError("--tile and --norm batch exclude each other: tiles normalised each by itself would differ in colour")
    as_trained = arguments.size is None and not arguments.tile and arguments.precision == "fp32"
    if as_trained and "torch" not in sys.modules:
        fix_arithmetic()

    # torch takes seconds to import: mistakes are reported before
    from pix2pix.predict.find_model import find_backend
    from pix2pix.predict.predict import predict
    from pix2pix.repository.root import repository

    norm = "running" if arguments.tile else arguments.norm
    backend = find_backend(arguments.model, norm, repository(), arguments.precision, exact=as_trained)
    options = _options(arguments, backend.description)
    say(_introduction(backend.description, options))
    outcome = predict(backend, inputs.images, arguments.output, options)
    _report(inputs, outcome, arguments.output)


def _options(arguments: argparse.Namespace, about: "Description") -> "Options":
    """The options; the model's description decides what the user left open. Raises UserError for options that do not fit the model."""
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
        reading=reading(arguments),
    )


def _introduction(about: "Description", options: "Options") -> str:
    """One line: what the model is, and how images will be processed."""
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


def _report(inputs: "Inputs", outcome: "Outcome", folder: Path) -> None:
    """Print what was made of the inputs. The last line, of the output or of the error, counts them."""
    counts, failed = inputs.counts, {**inputs.unusable, **outcome.failed}
    counts.use(len(inputs.images) - len(outcome.failed))
    for file in failed:
        counts.cannot_use(file, "listed above")
    for note in (*outcome.notes, *outcome.doubts.lines(len(inputs.images))):
        say(note)
    say(f"{len(outcome.written)} written to {folder}")
    if failed:
        listed = "\n".join(f"  - {file}: {reason}" for file, reason in failed.items())
        count = len(inputs.images) + len(inputs.unusable)
        raise UserError(f"{len(failed)} of {counted(count, 'image')} could not be used:\n{listed}\n{counts.line()}")
    say(counts.line())


def _size(text: str) -> int:
    return _FULL if text == "full" else int(_COUNT(text))
