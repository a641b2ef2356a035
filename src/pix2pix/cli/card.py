"""`pix2pix card`: a model card beside a trained model."""

import argparse
from pathlib import Path

Subparsers = argparse._SubParsersAction  # argparse has no public name for it
DESCRIPTION = """Writes a model card: what the model is, what it is for, how it was trained, how well it does beside baselines, and
whose the training images are, as Markdown that Hugging Face and others read."""


def add(subparsers: "Subparsers[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = subparsers.add_parser("card", help="write the model card of a trained model", description=DESCRIPTION)
    parser.add_argument("--model", required=True, metavar="MODEL", help="a folder like data/models/facades, an MLflow run (id or name), or "
                        "an address models:/…")  # fmt: skip
    parser.add_argument("--metrics", type=Path, metavar="FILE", help="measurements, like data/evaluation/facades.json")
    parser.add_argument("--split", default="test", help="of the images that were measured (default: test)")
    parser.add_argument("--source", metavar="SOURCE", help="where the training images came from, as in params.yaml: sample, "
                        "published, …; decides the licence that the card names, else unknown")  # fmt: skip
    parser.add_argument("--output", required=True, type=Path, metavar="FILE", help="the card, usually a README.md")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Find, write, report. Raises UserError for a user's mistake."""
    # torch takes seconds to import: help is shown before
    from pix2pix.cli.compare import repository
    from pix2pix.export.card import Facts, licence_of, read_evaluation, write_card
    from pix2pix.inference.pipeline import ImageToImage
    from pix2pix.predict.find_model import find_trained

    evaluation = read_evaluation(arguments.metrics) if arguments.metrics else {}
    model, sha256 = find_trained(arguments.model, repository())
    about = ImageToImage(model, None, sha256, licence_of(model.dataset, arguments.source)).description
    write_card(arguments.output, model, about, Facts(evaluation, arguments.split, arguments.source))
    print(f"{arguments.output}: the card of {about.dataset}")
