"""`pix2pix card`: write the model card of a trained model."""

import argparse
from pathlib import Path

from pix2pix.cli.arguments import Subparsers
from pix2pix.system.terminal import say

DESCRIPTION = """Write a model card: what the model is, what it is for, how it was trained, its metrics beside those of baselines, and the
licence of its training images; in Markdown, as Hugging Face and others read it."""


def add(subparsers: Subparsers) -> None:
    """Describe the command."""
    parser = subparsers.add_parser("card", help="write the model card of a trained model", description=DESCRIPTION)
    parser.add_argument("--model", required=True, metavar="MODEL", help="a folder like data/models/facades, an MLflow run (id or name), or "
                        "an address models:/…")  # fmt: skip
    parser.add_argument("--metrics", type=Path, metavar="FILE", help="file of metrics, like data/evaluation/facades.json")
    parser.add_argument("--split", default="test", help="the split that was measured (default: test)")
    parser.add_argument("--source", metavar="SOURCE", help="source of the training images, as in params.yaml: sample, published, "
                        "…; decides the licence that the card names (default: unknown)")  # fmt: skip
    parser.add_argument("--output", required=True, type=Path, metavar="FILE", help="the card to write, usually README.md")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Write the card. Raises UserError for a user's mistake."""
    # torch takes seconds to import: help is shown before
    from pix2pix.export.card import Facts, licence_of, read_evaluation, write_card
    from pix2pix.inference.pipeline import ImageToImage
    from pix2pix.predict.find_model import find_trained
    from pix2pix.repository.root import repository

    evaluation = read_evaluation(arguments.metrics) if arguments.metrics else {}
    model, sha256 = find_trained(arguments.model, repository())
    about = ImageToImage(model, None, sha256, licence_of(model.dataset, arguments.source)).description
    write_card(arguments.output, model, about, Facts(evaluation, arguments.split, arguments.source))
    say(f"{arguments.output}: the card of {about.dataset}")
