"""The fuzz campaign as a command; exit code 1 if anything goes wrong."""

import argparse
import signal
import sys
from pathlib import Path

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends the imports without a traceback

from tqdm import tqdm

from pix2pix.system.interrupts import raise_interrupts
from tests.fuzz.campaign import Campaign


def main() -> int:
    """Run the inputs that the command line names."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz", description="Read mutated images and archives, and report what goes wrong."
    )
    parser.add_argument("--count", type=int, default=10_000, metavar="N", help="number of inputs (default: 10000)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="another seed draws other inputs (default: 0)")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="number of the first input (default: 0)")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="folder for the inputs that go wrong")
    given = parser.parse_args()
    raise_interrupts()
    campaign = Campaign(given.seed, given.keep)
    stopped = False
    try:
        for number in tqdm(range(given.first, given.first + given.count), unit="input", disable=None):
            campaign.run(number)
    except KeyboardInterrupt:
        stopped = True
        print(f"stopped at input {number}; of those before it:")
    print("\n".join(campaign.report.lines()))
    return 130 if stopped else 1 if campaign.report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
