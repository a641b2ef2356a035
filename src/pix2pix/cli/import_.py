"""`pix2pix import`: published weights of others, or a recorded model, as a model folder."""

import argparse
from pathlib import Path

from pix2pix.cli.arguments import Subparsers
from pix2pix.system.terminal import say

DESCRIPTION = """Make a model folder of the weights of a generator that pytorch-CycleGAN-and-pix2pix trained: latest_net_G.pth of a U-Net
or a ResNet of 9 or 6 blocks, with batch or instance normalisation. The architecture is read from the weights. The folder is used like any
other: predict, export, card, demo. The models that its authors published are fetched by name: facades_label2photo, edges2shoes, sat2map,
map2sat, day2night. A model that MLflow has, a run or models:/NAME@champion, is copied as it is, for train.start_from."""


def add(subparsers: Subparsers) -> None:
    """Describe the command."""
    parser = subparsers.add_parser("import", help="make a model of published weights, or of a recorded one", description=DESCRIPTION)
    parser.add_argument("source", metavar="FILE|NAME|RUN", help="a .pth file, the name of a published model, a run, or an "
                        "address models:/NAME@champion")  # fmt: skip
    parser.add_argument("--output", required=True, type=Path, metavar="DIR", help="the model folder to make, like models/published")
    parser.add_argument("--dataset", metavar="NAME", help="what it was trained on: letters, digits, - and _ (default: that of a published "
                        "model)")  # fmt: skip
    parser.add_argument("--direction", choices=("AtoB", "BtoA"), help="the direction of its training (default: that of a published model)")
    parser.add_argument("--norm", choices=("batch", "running"), help="normalise by each image's own statistics (batch), "
                        "as test.py does for pix2pix (default), or by those of the training (running), as test.py --eval")  # fmt: skip
    parser.add_argument(
        "--palette", choices=("facades",), help="the colours of the label maps it was trained on (default: those of a published model)"
    )
    parser.add_argument("--no-dropout", action="store_true", help="the U-Net was trained without dropout, so it has no noise to switch on")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Make the folder. Raises UserError for a user's mistake."""
    # torch takes seconds to import: help is shown before
    from pix2pix.import_.import_model import import_model
    from pix2pix.repository.root import repository

    model = import_model(
        arguments.source,
        arguments.output,
        repository(),
        dataset=arguments.dataset,
        direction=arguments.direction,
        norm=arguments.norm,
        palette=arguments.palette,
        dropout=0.0 if arguments.no_dropout else None,
    )
    settings = model.settings
    network = f"{settings.generator}, {settings.norm} normalisation, ngf {settings.ngf}, {settings.crop_size} px"
    say(f"{arguments.output}: {network}, from {model.origin or arguments.source}")
