"""`pix2pix process`: a folder of pictures made into another one."""

import argparse
from typing import TYPE_CHECKING

from pix2pix.cli.process.operations import EXAMPLES, add_operations
from pix2pix.errors import UserError

if TYPE_CHECKING:
    from pix2pix.process.run import Outcome
    from pix2pix.process.task import Plan

Subparsers = argparse._SubParsersAction  # argparse has no public name for it
DESCRIPTION = """Make a folder of pictures into another one: one file for each picture, in the same subfolders, under the same name.
Sources are never changed. Given again, the same command does what is missing or out of date, and only that.
Pictures that cannot be used are listed with the reason; the others are done, and the exit code is 1.

What combine and --pairs write, two pictures side by side, is a dataset of `kind: pairs`.
`pix2pix process OPERATION --help` says more about each."""
_NOT_OPTIONS = {"run", "plan", "operation", "input", "b", "output", "workers"}


def add(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the command and its operations."""
    parser = subparsers.add_parser(
        "process",
        help="make a folder of pictures into another one",
        description=DESCRIPTION,
        epilog="\n  ".join(["examples:", *EXAMPLES.values()]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_operations(parser.add_subparsers(title="operations", metavar="OPERATION", dest="operation", required=True))
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Plan, do, tell. Raises UserError for a mistake before anything is written, and at the end for pictures that cannot be used."""
    from pix2pix.process.output_folder import claim, refuse_overlap
    from pix2pix.process.run import refuse_doubles
    from pix2pix.process.run import run as carry_out

    inputs = [arguments.input, *([arguments.b] if getattr(arguments, "b", None) else [])]
    refuse_overlap(arguments.output, inputs)
    plan: Plan = arguments.plan(arguments)
    refuse_doubles(plan.tasks)
    options = {name: value for name, value in vars(arguments).items() if name not in _NOT_OPTIONS}
    claim(arguments.output, {"operation": arguments.operation, **options, **plan.seen}, inputs)
    outcome = carry_out(plan, arguments.output, label=arguments.operation, workers=arguments.workers or -1)
    _tell(arguments.operation, outcome)


def _tell(operation: str, outcome: "Outcome") -> None:
    bad = outcome.unusable
    count = f"{len(bad)} could not be used"
    orphans = f"; {outcome.orphans} more in the folder, made from sources that are gone" if outcome.orphans else ""
    print(f"{operation}: {outcome.written} written, {outcome.already} already there, {count}{orphans}")
    if bad:
        listed = "\n".join(f"  - {one.file}: {one.reason}" for one in bad)
        raise UserError(f"{count}:\n{listed}\nmend or remove them and give the same command again: it does these alone")
