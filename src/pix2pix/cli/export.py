"""`pix2pix export`: a trained model as one file for other programs."""

import argparse
from pathlib import Path

from pix2pix.cli.arguments import Subparsers
from pix2pix.errors import UserError
from pix2pix.system.terminal import say

DESCRIPTION = """Write a trained model as one file, which maps 8-bit RGB images of any size to images of that size; padding, Lab and
noise are part of it. Inputs: `image`, uint8 (1, height, width, 3), and `seed`, int64 (1,): below 0 for no noise, else the noise of that
seed. Output: `output`, uint8, of the image's shape. Before the file is written, its outputs are compared with the model's at two sizes
and with two seeds."""


def add(subparsers: Subparsers) -> None:
    """Describe the command."""
    parser = subparsers.add_parser("export", help="write a trained model as one ONNX file", description=DESCRIPTION)
    parser.add_argument("--model", required=True, metavar="MODEL", help="a folder like data/models/facades, an MLflow run (id or name), or "
                        "an address models:/…")  # fmt: skip
    parser.add_argument("--format", choices=("onnx", "junyanz"), default="onnx", help="onnx: for ONNX Runtime, browsers, … (default); "
                        "junyanz: weights as a .pth that pytorch-CycleGAN-and-pix2pix loads as latest_net_G.pth")  # fmt: skip
    parser.add_argument("--weights", choices=("fp32", "fp16", "int8"), default="fp32", help="how the weights are stored: 4, 2 or 1 bytes "
                        "each; the arithmetic is fp32 in any case")  # fmt: skip
    parser.add_argument("--norm", choices=("batch", "running"), help="normalise by each image's own statistics (batch) or by those of "
                        "the training (running) (default: what fits the training)")  # fmt: skip
    parser.add_argument("--source", metavar="SOURCE", help="source of the training images, as in params.yaml: sample, published, "
                        "…; decides the licence that the file names (default: unknown)")  # fmt: skip
    parser.add_argument("--output", required=True, type=Path, metavar="FILE", help="the file to write")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Write the file and compare it with the model. Raises UserError for a user's mistake, or a file whose outputs are not the model's."""
    # torch takes seconds to import: help is shown before
    from pix2pix.export.reference_file import write_reference_weights
    from pix2pix.predict.find_model import find_trained
    from pix2pix.repository.root import repository
    from pix2pix.system.terminal import human_bytes

    ending = {"onnx": ".onnx", "junyanz": ".pth"}[arguments.format]
    if arguments.output.suffix != ending:
        raise UserError(f"--output {arguments.output}: a file of --format {arguments.format} ends in {ending}, by which it is known")
    model, sha256 = find_trained(arguments.model, repository())
    if arguments.format == "junyanz":
        if arguments.weights != "fp32" or arguments.norm or arguments.source:
            raise UserError("--weights, --norm and --source are for --format onnx: leave them out")
        return say(f"{arguments.output}: for {write_reference_weights(model, arguments.output)}")
    from pix2pix.export.card import licence_of  # need the extras `export` and `pipeline`, which a .pth does not
    from pix2pix.export.export import export

    done = export(
        model,
        arguments.output,
        weights=arguments.weights,
        norm=arguments.norm,
        sha256=sha256,
        licence=licence_of(model.dataset, arguments.source),
    )
    about = done.description
    say(f"{arguments.output}: {about.dataset}, {about.weights} weights, {about.norm} statistics, {human_bytes(done.bytes)}")
    say(f"compared with the model: {done.difference}")
