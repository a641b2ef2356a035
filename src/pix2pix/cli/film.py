"""`pix2pix film`: the sample sheets of a training as an animation."""

import argparse
from pathlib import Path

from pix2pix.cli.arguments import Subparsers, number
from pix2pix.system.terminal import counted, say

DESCRIPTION = """Write the sample sheets of a training as one animation, a frame for each epoch that has a sheet, for a README or a
talk."""
SECONDS = number(float, lambda value: 0.02 <= value <= 60, "a number from 0.02 to 60")


def add(subparsers: Subparsers) -> None:
    """Describe the command."""
    parser = subparsers.add_parser("film", help="write the sample sheets of a training as an animation", description=DESCRIPTION)
    parser.add_argument("--samples", required=True, type=Path, metavar="DIR", help="a folder like data/samples/facades")
    parser.add_argument("--output", required=True, type=Path, metavar="FILE", help="the animation to write, .webp or .gif")
    parser.add_argument("--seconds", type=SECONDS, default=0.5, metavar="S", help="how long each sheet is shown, and the last one four "
                        "times as long (default: 0.5)")  # fmt: skip
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Write the animation. Raises UserError for a user's mistake."""
    from pix2pix.film.film import write_film

    count = write_film(arguments.samples, arguments.output, seconds=arguments.seconds)
    say(f"{arguments.output}: {counted(count, 'sample sheet')} of {arguments.samples}")
