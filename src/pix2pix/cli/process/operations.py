"""The operations of `pix2pix process`: the options of each, and the plan that comes of them."""

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pix2pix.cli.process.option_values import ABOVE_0, NATURAL, PART, PIXELS, POSITIVE, SHARE
from pix2pix.errors import UserError

if TYPE_CHECKING:
    from pix2pix.process.task import Plan
    from pix2pix.process.transforms import Transform

Subparsers = argparse._SubParsersAction  # argparse has no public name for it
EXAMPLES = {
    "resize": "pix2pix process resize --input photos --output small --size 256 --fit pad",
    "combine": "pix2pix process combine --input labels --b photos --output pairs",
    "split": "pix2pix process split --input pairs --output mine --val 0.1 --test 0.1",
    "grayscale": "pix2pix process grayscale --input photos --output grey",
    "blank": "pix2pix process blank --input photos --output holes2photos --size 0.4 --pairs",
    "edges": "pix2pix process edges --input photos --output edges2photos --sigma 2 --pairs",
    "unpack": "pix2pix process unpack --input data/prepared/facades --output look",
}


def add_operations(operations: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe all of them; each sets `plan`, a function of the arguments that raises UserError for a mistake."""
    for describe in (_add_resize, _add_combine, _add_split, _add_grayscale, _add_blank, _add_edges, _add_unpack):
        describe(operations)


def _add_resize(operations: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = _operation(operations, "resize", "square pictures of one size, to be combined later or used alone")
    parser.add_argument("--size", type=PIXELS, default=256, metavar="PIXELS", help="width and height (default: 256)")
    parser.add_argument(
        "--fit",
        choices=("crop", "pad", "squash"),
        default="crop",
        help="of what is not square: crop the middle (default), pad with the colour of the corner, or squash",
    )
    parser.add_argument("--resize", choices=("bicubic", "area", "bilinear"), default="bicubic", help="filter (default: bicubic)")
    _add_format(parser)
    parser.set_defaults(plan=_plan_resize)


def _plan_resize(arguments: argparse.Namespace) -> "Plan":
    from pix2pix.data.images import to_square

    return _plan_each(arguments, partial(to_square, size=arguments.size, resize=arguments.resize, fit=arguments.fit))


def _add_combine(operations: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = _operation(operations, "combine", "two folders A and B -> pictures side by side, matched by name whatever the ending")
    parser.add_argument("--b", type=Path, metavar="DIR", help="the folder of B, while --input is that of A (default: A and B in --input)")
    _add_format(parser)
    parser.set_defaults(plan=_plan_combine)


def _plan_combine(arguments: argparse.Namespace) -> "Plan":
    from pix2pix.process.combine import plan_combine

    if arguments.b:
        return plan_combine(arguments.input, arguments.b, arguments.format)
    a, b = arguments.input / "A", arguments.input / "B"
    if not (a.is_dir() and b.is_dir()):
        raise UserError(f"{arguments.input} has no two folders A and B: make them, or name the folder of B with --b")
    return plan_combine(a, b, arguments.format)


def _add_split(operations: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = _operation(operations, "split", "copies in folders train, val and test")
    parser.add_argument("--val", type=SHARE, default=0.1, metavar="SHARE", help="share of all pictures, 0 to below 1 (default: 0.1)")
    parser.add_argument("--test", type=SHARE, default=0.1, metavar="SHARE", help="likewise (default: 0.1); the rest is train")
    parser.add_argument(
        "--seed",
        type=NATURAL,
        default=0,
        metavar="N",
        help="another number, another split (default: 0); a picture's "
        "name and this number alone decide, so that adding pictures moves none",
    )
    parser.set_defaults(plan=_plan_split)


def _plan_split(arguments: argparse.Namespace) -> "Plan":
    from pix2pix.process.split import plan_split

    if arguments.val + arguments.test >= 1:
        raise UserError(f"--val {arguments.val} and --test {arguments.test} leave nothing to train on: together they must be below 1")
    return plan_split(arguments.input, val=arguments.val, test=arguments.test, seed=arguments.seed)


def _add_grayscale(operations: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = _operation(operations, "grayscale", "grey pictures")
    _add_pairs(parser, "grey")
    parser.set_defaults(plan=_plan_grayscale)


def _plan_grayscale(arguments: argparse.Namespace) -> "Plan":
    from pix2pix.process.transforms import grayscale

    return _plan_each(arguments, grayscale)


def _add_blank(operations: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = _operation(operations, "blank", "a grey hole in the centre, to learn inpainting")
    parser.add_argument("--size", type=PART, default=0.3, metavar="SHARE", help="of width and height (default: 0.3)")
    _add_pairs(parser, "holed")
    parser.set_defaults(plan=_plan_blank)


def _plan_blank(arguments: argparse.Namespace) -> "Plan":
    from pix2pix.process.transforms import blank

    return _plan_each(arguments, partial(blank, share=arguments.size))


def _add_edges(operations: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = _operation(operations, "edges", "black lines on white, by Canny's method")
    parser.add_argument(
        "--sigma",
        type=ABOVE_0,
        default=2.0,
        metavar="PIXELS",
        help="how much is smoothed away first: more gives fewer and calmer lines (default: 2)",
    )
    parser.add_argument("--shortest", type=NATURAL, default=5, metavar="PIXELS", help="lines of fewer pixels are left out (default: 5)")
    parser.add_argument(
        "--threshold",
        type=ABOVE_0,
        default=0.2,
        metavar="X",
        help="how steeply brightness must change where a line begins: more gives fewer lines (default: 0.2)",
    )
    _add_pairs(parser, "lines")
    parser.set_defaults(plan=_plan_edges)


def _plan_edges(arguments: argparse.Namespace) -> "Plan":
    from pix2pix.process.transforms import edges

    return _plan_each(arguments, partial(edges, sigma=arguments.sigma, threshold=arguments.threshold, shortest=arguments.shortest))


def _add_unpack(operations: "Subparsers[argparse.ArgumentParser]") -> None:
    parser = _operation(operations, "unpack", "packed images of the stage prepare -> picture files: input left, target right")
    _add_format(parser)
    parser.set_defaults(plan=_plan_unpack)


def _plan_unpack(arguments: argparse.Namespace) -> "Plan":
    from pix2pix.process.unpack import plan_unpack

    return plan_unpack(arguments.input, arguments.format)


def _plan_each(arguments: argparse.Namespace, transform: "Transform") -> "Plan":
    from pix2pix.process.each import plan_each
    from pix2pix.process.transforms import with_original

    if getattr(arguments, "pairs", False):
        transform = partial(with_original, transform=transform)
    return plan_each(arguments.input, transform, arguments.format)


def _operation(operations: "Subparsers[argparse.ArgumentParser]", name: str, what: str) -> argparse.ArgumentParser:
    """The parser of one operation, with what all have."""
    parser = operations.add_parser(
        name,
        help=what,
        description=f"{what[0].upper()}{what[1:]}.",
        epilog=f"example:\n  {EXAMPLES[name]}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--input", type=Path, required=True, metavar="DIR", help="the folder to read, at any depth")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="the folder to write: new, or of the same call before")
    parser.add_argument("--workers", type=POSITIVE, metavar="N", help="processes at work (default: one a core)")
    return parser


def _add_format(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("png", "jpg"), default="png", help="of the files written (default: png, which loses nothing)")


def _add_pairs(parser: argparse.ArgumentParser, made: str) -> None:
    parser.add_argument("--pairs", action="store_true", help=f"write {made} and original side by side: a dataset to train on")
    _add_format(parser)
