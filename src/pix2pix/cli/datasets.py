"""`pix2pix datasets`: list the datasets, and what of each is on this machine."""

import argparse
import difflib
import json
import shutil

from pix2pix.cli.arguments import Subparsers
from pix2pix.errors import UserError
from pix2pix.repository.root import repository
from pix2pix.system.terminal import say

DESCRIPTION = """List the published datasets and your own in params.yaml: kind, size, terms of use, the source at each scale, and what is
downloaded, prepared and trained on this machine. With NAME, show everything about one: also addresses, citation, and how to get it."""
NARROWEST, WIDEST = 80, 120


def add(subparsers: Subparsers) -> None:
    """Describe the command."""
    parser = subparsers.add_parser("datasets", help="list the datasets, and what of each is on this machine", description=DESCRIPTION)
    parser.add_argument("name", nargs="?", metavar="NAME", help="show everything about this dataset")
    parser.add_argument("--json", action="store_true", help="print JSON instead")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Print the datasets. Raises UserError for a name that no dataset has, or a params.yaml that is not valid."""
    from pix2pix.config.params import load_file
    from pix2pix.datasets.dataset import find_datasets
    from pix2pix.datasets.text import all_as_text, one_as_text

    root = repository()
    params = root / "params.yaml"
    file = load_file(params) if params.exists() else None
    data = root / "data"
    datasets = find_datasets(file, {"downloaded": data / "raw", "prepared": data / "prepared", "trained": data / "models"}, root)
    named = {dataset.name: dataset for dataset in datasets}
    if arguments.name and arguments.name not in named:
        close = difflib.get_close_matches(arguments.name, named, n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(named)}"
        raise UserError(f"there is no dataset {arguments.name!r}; {hint}")

    scale = file.scale if file else None
    width = min(max(shutil.get_terminal_size((100, 0)).columns, NARROWEST), WIDEST)
    if arguments.json:
        chosen = named[arguments.name].as_dict() if arguments.name else [dataset.as_dict() for dataset in datasets]
        say(json.dumps(chosen, indent=1, ensure_ascii=False))
    elif arguments.name:
        say(one_as_text(named[arguments.name], scale, width))
    else:
        say(all_as_text(datasets, scale, width))
