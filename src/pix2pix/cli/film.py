"""`pix2pix film`: the sample sheets of a training as an animation."""

import argparse
from pathlib import Path

from pix2pix.system.terminal import counted, say

Subparsers = argparse._SubParsersAction  # argparse has no public name for it
DESCRIPTION = """Write the sample sheets of a training as one animation, a frame for each epoch that has a sheet, for a README or a
talk."""


def add(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = subparsers.add_parser("film", help="write the sample sheets of a training as an animation", description=DESCRIPTION)
    parser.add_argument("--samples", required=True, type=Path, metavar="DIR", help="a folder like data/samples/facades")
    parser.add_argument("--output", required=True, type=Path, metavar="FILE", help="the animation to write, .webp or .gif")
    parser.add_argument("--seconds", type=_seconds, default=0.5, metavar="S", help="how long each sheet is shown, and the last one four "
                        "times as long (default: 0.5)")  # fmt: skip
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Write the animation. Raises UserError for a user's mistake."""
    from pix2pix.film.film import write_film

    count = write_film(arguments.samples, arguments.output, seconds=arguments.seconds)
    say(f"{arguments.output}: {counted(count, 'sample sheet')} of {arguments.samples}")


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.02 <= seconds <= 60:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds from 0.02 to 60")
    return seconds
