"""`pix2pix compare`: measure sets of images against the same targets, and against each other."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pix2pix.cli.arguments import Subparsers
from pix2pix.errors import UserError
from pix2pix.repository.root import repository
from pix2pix.system.terminal import GREEN, RED, say
from pix2pix.system.text_table import line_width

if TYPE_CHECKING:
    import torch

    from pix2pix.compare.match import Matched
    from pix2pix.metrics.metric import PairMetric

DESCRIPTION = """Is B better than A? Measure sets of images against the same targets, image by image and as sets, with 95% intervals, and
test every set against the first. A set is a folder of images, at any depth, an MLflow run (its id or name), a DVC experiment, or a Git
revision whose predictions are in DVC's cache."""
VERDICTS = {r"\bbetter$": GREEN, r"\bworse$": RED}


def add(subparsers: Subparsers) -> None:
    """Describe the command."""
    parser = subparsers.add_parser("compare", help="measure sets of images against the same targets", description=DESCRIPTION)
    parser.add_argument("sources", nargs="+", metavar="RUN_OR_FOLDER", help="sets of images; the others are tested against the first")
    parser.add_argument("--target", type=Path, metavar="DIR", help="folder of targets, matched by name: extension, folder and a "
                        "word that a set shares (_fake_B) may differ (default: the targets that come with a set)")  # fmt: skip
    parser.add_argument("--html", type=Path, metavar="FILE", help="also write a page with the images side by side")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures as JSON")
    parser.add_argument(
        "--lpips-weights", metavar="FILE", help="file of AlexNet's weights, to measure LPIPS too; the word fetch downloads it once (233 MB)"
    )
    parser.add_argument("--dataset", metavar="NAME", help="which dataset, of a revision or experiment that has several")
    parser.add_argument("--common", action="store_true", help="leave out images that some of the sets lack")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, heading: str = "", differences: Mapping[str, Sequence[Sequence[str]]] | None = None) -> None:
    """Measure and compare the sets. heading, differences: for the top of the page, see `write_comparison`.

    Raises UserError for a user's mistake, before anything is measured or written.
    """
    from pix2pix.compare.match import match
    from pix2pix.compare.resolve import find_sources

    sources = find_sources(arguments.sources, repository(), arguments.dataset)
    matched = match(sources, arguments.target, common=arguments.common)

    # torch takes seconds to import: mistakes are reported before
    import torch

    from pix2pix.compare.as_json import as_json
    from pix2pix.compare.as_text import as_text
    from pix2pix.compare.compare import compare
    from pix2pix.evaluate.evaluate import image_metrics
    from pix2pix.evaluate.evaluator import Evaluator
    from pix2pix.metrics.features.efficientnet_lite0 import EfficientNetLite0Features
    from pix2pix.system.atomic_write import write_json

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    lpips, notes = _lpips(arguments.lpips_weights, matched, device)
    evaluator = Evaluator(image_metrics(lpips, colouring=False), EfficientNetLite0Features(device=device), device)
    comparison = compare(matched, evaluator, notes)
    say(as_text(comparison, line_width()), colours=VERDICTS)
    try:
        if arguments.json:
            write_json(arguments.json, as_json(comparison))
        if arguments.html:
            from pix2pix.compare.page import write_comparison  # imports matplotlib

            write_comparison(arguments.html, comparison, heading, differences)
            say(f"\nopen {arguments.html}")
        say(f"\n{matched.counts.line()}")
    except OSError as problem:
        raise UserError(f"{problem.filename} cannot be written: {problem.strerror}; choose another place for --json or --html") from None


def _lpips(given: str | None, matched: "Matched", device: "torch.device") -> tuple[Mapping[str, "PairMetric"], list[str]]:
    """LPIPS as a metric, or nothing and a note that says why."""
    import torch

    from pix2pix.download.weights import ALEXNET, local_weights, published
    from pix2pix.metrics.lpips import SMALLEST, Lpips

    folder = Path(torch.hub.get_dir()) / "checkpoints"  # where torchvision keeps it, if it has it already
    given = given or (str(found) if (found := local_weights(ALEXNET, folder)) else None)
    if given is None:
        return {}, [f"LPIPS is off, as it needs AlexNet's weights ({ALEXNET}): name the file with --lpips-weights, or the word fetch"]
    if matched.smallest < SMALLEST:
        return {}, [f"LPIPS is off, as it needs images of at least {SMALLEST} pixels a side: one has {matched.smallest}"]
    return {"lpips": Lpips(published(ALEXNET, given, folder, Path.cwd(), option="--lpips-weights "), device=device)}, []
