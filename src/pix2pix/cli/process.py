"""`pix2pix process`: transform a folder of images into another one."""

import argparse
import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pix2pix.cli.arguments import NATURAL, POSITIVE, Subparsers, add_reading, number, reading
from pix2pix.errors import UserError
from pix2pix.system.terminal import say

if TYPE_CHECKING:
    from pix2pix.process.plan import Plan
    from pix2pix.process.run import Outcome
    from pix2pix.process.transforms import Transform

DESCRIPTION = """Transform a folder of images into another one: one file for each image, in the same subfolders, under the same name.
Sources are never changed. The same command again writes only what is missing or out of date.
Images that cannot be used are listed with the reason; the others are written, and the exit code is 1.

combine and --pairs write two images side by side: a dataset of `kind: pairs`.
`pix2pix process OPERATION --help` describes each operation."""
EXAMPLES = {
    "resize": "pix2pix process resize --input photos --output small --size 256 --fit pad",
    "combine": "pix2pix process combine --input labels --b photos --output pairs",
    "split": "pix2pix process split --input pairs --output mine --val 0.1 --test 0.1",
    "grayscale": "pix2pix process grayscale --input photos --output grey",
    "blank": "pix2pix process blank --input photos --output holes2photos --size 0.4 --pairs",
    "edges": "pix2pix process edges --input photos --output edges2photos --sigma 2 --pairs",
    "unpack": "pix2pix process unpack --input data/prepared/facades --output look",
}
_NOT_OPTIONS = {"run", "plan", "operation", "input", "b", "output", "workers"}


def add(subparsers: Subparsers) -> None:
    """Describe the command and its operations; each operation sets `plan`, a function of the arguments."""
    parser = subparsers.add_parser(
        "process",
        help="transform a folder of images into another one",
        description=DESCRIPTION,
        epilog="\n  ".join(["examples:", *EXAMPLES.values()]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    operations = parser.add_subparsers(title="operations", metavar="OPERATION", dest="operation", required=True)
    for add_operation in (_resize, _combine, _split, _grayscale, _blank, _edges, _unpack):
        add_operation(operations)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Run an operation. Raises UserError for a mistake before anything is written, and at the end for images that cannot be used."""
    from pix2pix.process.plan import acquire, check_overlap, check_sources
    from pix2pix.process.run import run as run_plan

    inputs = [arguments.input, *([arguments.b] if getattr(arguments, "b", None) else [])]
    check_overlap(arguments.output, inputs)
    plan: Plan = arguments.plan(arguments)
    plan.check_targets()
    check_sources(arguments.output, plan.tasks)
    options = {name: value for name, value in vars(arguments).items() if name not in _NOT_OPTIONS}
    acquire(arguments.output, {"operation": arguments.operation, **options, **plan.seen}, inputs)
    for note in plan.notes:
        say(f"{arguments.operation}: {note}")
    _report(arguments.operation, run_plan(plan, arguments.output, label=arguments.operation, workers=arguments.workers))


def _report(operation: str, outcome: "Outcome") -> None:
    bad = outcome.unusable
    count = f"{len(bad)} could not be used"
    orphans = f"; {outcome.orphans} more in the folder, made from sources that are gone" if outcome.orphans else ""
    for line in outcome.doubts:
        say(line)
    say(f"{operation}: {outcome.written} written, {outcome.already} already there, {count}{orphans}")
    if bad:
        listed = "\n".join(f"  - {file}: {reason}" for file, reason in bad)
        again = "mend or remove them and give the same command again: it does these alone"
        raise UserError(f"{count}:\n{listed}\n{again}\n{outcome.counts.line()}")
    say(outcome.counts.line())


# The operations: for each, its plan and its options.


def _resize(operations: Subparsers) -> None:
    def plan(given: argparse.Namespace) -> "Plan":
        from pix2pix.data.fit import to_square

        return _plan_each(given, partial(to_square, size=given.size, resize=given.resize, fit=given.fit))

    parser = _operation(operations, "resize", "square images of one size, from single images", plan)
    parser.add_argument("--size", type=_PIXELS, default=256, metavar="PIXELS", help="width and height (default: 256)")
    parser.add_argument("--fit", choices=("crop", "pad", "squash"), default="crop", help="what to do with an image that is not square: "
                        "crop the middle (default), pad with its corner's colour, or squash")  # fmt: skip
    parser.add_argument("--filter", "--resize", dest="resize", choices=("bicubic", "area", "bilinear", "nearest"), default="bicubic",
                        help="how pixels are averaged (default: bicubic); nearest: not at all, for label maps")  # fmt: skip
    _add_format(parser)


def _combine(operations: Subparsers) -> None:
    def plan(given: argparse.Namespace) -> "Plan":
        from pix2pix.process.operations import plan_combine

        a, b = (given.input, given.b) if given.b else (given.input / "A", given.input / "B")
        if not (given.b or (a.is_dir() and b.is_dir())):
            raise UserError(f"{given.input} has no two folders A and B: make them, or name the folder of B with --b")
        return plan_combine(a, b, given.format, reading(given))

    what = "pairs from two folders A and B: images side by side, matched by name without extension"
    parser = _operation(operations, "combine", what, plan)
    parser.add_argument("--b", type=Path, metavar="DIR", help="the folder of B, if --input is that of A (default: A and B in --input)")
    _add_format(parser)


def _split(operations: Subparsers) -> None:
    def plan(given: argparse.Namespace) -> "Plan":
        from pix2pix.process.operations import plan_split

        if given.val + given.test >= 1:
            raise UserError(f"--val {given.val} and --test {given.test} leave nothing to train on: together they must be below 1")
        return plan_split(given.input, val=given.val, test=given.test, seed=given.seed)

    parser = _operation(operations, "split", "copies in folders train, val and test", plan)
    parser.add_argument("--val", type=_SHARE, default=0.1, metavar="SHARE", help="share of the images that become val, 0 to below 1 "
                        "(default: 0.1)")  # fmt: skip
    parser.add_argument("--test", type=_SHARE, default=0.1, metavar="SHARE", help="share of the images that become test (default: 0.1); "
                        "the rest is train")  # fmt: skip
    parser.add_argument("--seed", type=NATURAL, default=0, metavar="N", help="another number gives another split (default: 0); only this "
                        "and an image's name decide, so adding images moves none")  # fmt: skip


def _grayscale(operations: Subparsers) -> None:
    def plan(given: argparse.Namespace) -> "Plan":
        from pix2pix.process.transforms import grayscale

        return _plan_each(given, grayscale)

    _add_pairs(_operation(operations, "grayscale", "grey images", plan), "grey")


def _blank(operations: Subparsers) -> None:
    def plan(given: argparse.Namespace) -> "Plan":
        from pix2pix.process.transforms import blank

        return _plan_each(given, partial(blank, share=given.size))

    parser = _operation(operations, "blank", "a grey hole in the centre, to learn inpainting", plan)
    parser.add_argument("--size", type=_PART, default=0.3, metavar="SHARE", help="size of the hole, as a share of width and height "
                        "(default: 0.3)")  # fmt: skip
    _add_pairs(parser, "holed")


def _edges(operations: Subparsers) -> None:
    def plan(given: argparse.Namespace) -> "Plan":
        from pix2pix.process.transforms import edges

        return _plan_each(given, partial(edges, sigma=given.sigma, threshold=given.threshold, shortest=given.shortest))

    parser = _operation(operations, "edges", "black lines on white, by Canny's method", plan)
    parser.add_argument("--sigma", type=_ABOVE_0, default=2.0, metavar="PIXELS", help="Gaussian blur applied first: more gives fewer, "
                        "smoother lines (default: 2)")  # fmt: skip
    parser.add_argument("--shortest", type=NATURAL, default=5, metavar="PIXELS", help="leave out lines of fewer pixels (default: 5)")
    parser.add_argument("--threshold", type=_ABOVE_0, default=0.2, metavar="X", help="gradient of the brightness, 0 to 1, at which a line "
                        "begins: more gives fewer lines (default: 0.2)")  # fmt: skip
    _add_pairs(parser, "lines")


def _unpack(operations: Subparsers) -> None:
    def plan(given: argparse.Namespace) -> "Plan":
        from pix2pix.process.operations import plan_unpack

        return plan_unpack(given.input, given.format)

    what = "image files from the packed images of the stage prepare: input left, target right"
    _add_format(_operation(operations, "unpack", what, plan), reads_images=False)


def _plan_each(given: argparse.Namespace, transform: "Transform") -> "Plan":
    from pix2pix.process.operations import plan_each
    from pix2pix.process.transforms import with_original

    if getattr(given, "pairs", False):
        transform = partial(with_original, transform=transform)
    return plan_each(given.input, transform, given.format, reading(given))


def _operation(operations: Subparsers, name: str, what: str, plan: "Callable[[argparse.Namespace], Plan]") -> argparse.ArgumentParser:
    """The parser of one operation, with the options that all operations have."""
    parser = operations.add_parser(
        name,
        help=what,
        description=f"{what[0].upper()}{what[1:]}.",
        epilog=f"example:\n  {EXAMPLES[name]}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--input", type=Path, required=True, metavar="DIR", help="the folder to read, at any depth")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="the folder to write: new, or of the same call before")
    parser.add_argument("--workers", type=POSITIVE, metavar="N", help="number of processes (default: one per core)")
    parser.set_defaults(plan=plan)
    return parser


def _add_format(parser: argparse.ArgumentParser, *, reads_images: bool = True) -> None:
    parser.add_argument("--format", choices=("png", "jpg"), default="png", help="format of the files written (default: png, lossless)")
    if reads_images:
        add_reading(parser)


def _add_pairs(parser: argparse.ArgumentParser, made: str) -> None:
    parser.add_argument("--pairs", action="store_true", help=f"write {made} and original side by side: a dataset to train on")
    _add_format(parser)


_PIXELS = number(int, lambda value: 1 <= value <= 8192, "a whole number from 1 to 8192")
_SHARE = number(float, lambda value: 0 <= value < 1, "a number from 0 to below 1")
_PART = number(float, lambda value: 0 < value < 1, "a number above 0 and below 1")
_ABOVE_0 = number(float, lambda value: 0 < value < math.inf, "a number above 0")
