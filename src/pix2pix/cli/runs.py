"""`pix2pix runs`: list, show, compare and rebuild recorded runs."""

import argparse
import json
from pathlib import Path

from pix2pix.cli.arguments import Subparsers
from pix2pix.errors import UserError
from pix2pix.repository.root import repository
from pix2pix.system.terminal import RED, say
from pix2pix.system.text_table import line_width

DESCRIPTION = "Runs are the trainings of this repository that MLflow has recorded."
RUN = "a run's id or its model's SHA-256, the first characters of either (4 or more), its name, or the name of its DVC experiment"


def add(subparsers: Subparsers) -> None:
    """Describe the command and its parts."""
    parser = subparsers.add_parser("runs", help="list, show, compare and rebuild recorded runs", description=DESCRIPTION)
    parts = parser.add_subparsers(title="what to do", metavar="ACTION", required=True)

    def part(name: str, help: str, *runs: str) -> argparse.ArgumentParser:
        added = parts.add_parser(name, help=help, description=f"{help[0].upper()}{help[1:]}.")
        for run in runs:
            added.add_argument(run, metavar="RUN", help=RUN)
        if name != "sync":
            added.add_argument("--dataset", metavar="NAME", help="only runs of this dataset")
        return added

    listing = part("list", "list all runs and experiments with status, metrics, and the parameters that differ")
    listing.add_argument("--html", type=Path, metavar="FILE", help="also write a page with the last sample sheet of each run")
    listing.add_argument("--json", action="store_true", help="print JSON instead of a table")
    listing.set_defaults(run=show_list)
    showing = part("show", "show everything that is recorded of one run", "name")
    showing.add_argument("--json", action="store_true", help="print JSON instead")
    showing.set_defaults(run=show_one)
    differing = part("diff", "show how two runs differ: parameters, code, data, metrics, images", "one", "other")
    differing.add_argument("--html", type=Path, metavar="FILE", help="also write a page with all of it, and the images side by side")
    differing.add_argument("--no-images", action="store_true", help="do not measure the images, which takes seconds")
    differing.set_defaults(run=show_difference)
    again = part("reproduce", "rebuild a run in a temporary clone and compare every hash; exit code 1 if one differs", "name")
    again.add_argument("--run-recorded-code", action="store_true", help="also run the uncommitted changes to the code that the record has; "
                       "without this they are shown, and nothing runs")  # fmt: skip
    again.set_defaults(run=run_again)
    pruning = part("prune", "list the runs that no branch, tag, experiment or alias needs, and how much they take")
    pruning.add_argument("--remove", action="store_true", help="remove them, with their models and images")
    pruning.set_defaults(run=remove_unneeded)
    part("sync", "record in MLflow what is missing: models from DVC's cache, and records that could not be sent").set_defaults(run=complete)


def show_list(arguments: argparse.Namespace) -> None:
    """`pix2pix runs list`."""
    from pix2pix.repository.experiments import experiment_results
    from pix2pix.runs import table
    from pix2pix.tracking.lookup import Records

    root = repository()
    records = Records(root)
    runs = records.all(arguments.dataset)
    groups = table.groups(runs, [made for made in experiment_results(root) if arguments.dataset in (None, made.dataset)])
    if arguments.json:
        say(json.dumps(table.as_json(groups), indent=1))
    else:
        say(table.as_text(groups, line_width()), colours={r"\b(FAILED|KILLED)\b": RED})
    if arguments.html:
        from pix2pix.runs.page import write_runs

        try:
            skipped = write_runs(arguments.html, groups, runs, records)
        except OSError as problem:
            raise UserError(f"{problem.filename} cannot be written: {problem.strerror}; choose another place for --html") from None
        if not arguments.json:
            say("\n".join(["", *skipped, f"open {arguments.html}"]))


def show_one(arguments: argparse.Namespace) -> None:
    """`pix2pix runs show`."""
    from pix2pix.runs import show
    from pix2pix.runs.find import find_run
    from pix2pix.tracking.lookup import Records

    root = repository()
    records = Records(root)
    run = find_run(arguments.name, records, root, arguments.dataset)
    say(json.dumps(show.as_json(run), indent=1) if arguments.json else show.as_text(run, records))


def show_difference(arguments: argparse.Namespace) -> None:
    """`pix2pix runs diff`. The images are measured as by `pix2pix compare`."""
    from pix2pix.cli import compare
    from pix2pix.runs import difference
    from pix2pix.runs.find import find_run
    from pix2pix.system.atomic_write import write_errors
    from pix2pix.tracking.lookup import Records

    root = repository()
    records = Records(root)
    one, other = (find_run(name, records, root, arguments.dataset) for name in (arguments.one, arguments.other))
    if one.run_id == other.run_id:
        raise UserError(f"{arguments.one} and {arguments.other} are the same run, {one.run_id}")
    found = difference.differences(one, other, records, root)
    with_metrics = found | difference.metrics(one, other)
    say(difference.as_text(one, other, with_metrics))
    same = one.dataset == other.dataset and one.model and one.model == other.model
    problem: UserError | None = None
    if not arguments.no_images:
        say("\nImages")
        if one.dataset != other.dataset or same:
            say("  " + ("no difference: the very same model" if same else "of other data: they cannot be compared"))
        else:
            how = {"target": None, "html": arguments.html, "json": None, "lpips_weights": None, "dataset": one.dataset, "common": False}
            sources = argparse.Namespace(sources=[one.run_id, other.run_id], **how)
            try:
                return compare.run(sources, difference.heading(one, other), found)
            except UserError as error:  # as of images that are no longer in the cache: the page says the rest
                problem = error
    if arguments.html:
        with write_errors(arguments.html):
            difference.write_differences(arguments.html, one, other, with_metrics)
        say(f"\nopen {arguments.html}")
    if problem:
        raise problem


def run_again(arguments: argparse.Namespace) -> None:
    """`pix2pix runs reproduce`."""
    from pix2pix.runs.find import find_run
    from pix2pix.runs.reproduce import reproduce
    from pix2pix.tracking.lookup import Records

    root = repository()
    records = Records(root)
    run = find_run(arguments.name, records, root, arguments.dataset)
    say(f"{run.name} ({run.run_id}), {run.dataset}, commit {(run.commit or '?')[:10]}, in a temporary clone")
    verdict = reproduce(run, records, root, lambda line: say(f"  {line}"), run_recorded_code=arguments.run_recorded_code)
    if verdict.stage is None:
        say(f"bit-identical, rebuilt from {verdict.code}: {verdict.hashes} hashes of code, data and results, every one as it was recorded")
        return
    say(f"NOT the same, rebuilt from {verdict.code}: the first difference is in the stage {verdict.stage}:")
    say("\n".join(f"  {file}" for file in verdict.files))
    say(
        "What differs from then, and can be the cause:"
        if verdict.reasons
        else "Device and versions are the same: the cause is the code or its data."
    )
    for reason in verdict.reasons:
        say(f"  {reason}")
    raise SystemExit(1)


def remove_unneeded(arguments: argparse.Namespace) -> None:
    """`pix2pix runs prune`."""
    from pix2pix.runs.prune import prune
    from pix2pix.tracking.lookup import Records

    root = repository()
    for line in prune(Records(root), root, arguments.dataset, remove=arguments.remove):
        say(line)


def complete(arguments: argparse.Namespace) -> None:
    """`pix2pix runs sync`."""
    from pix2pix.runs.sync import sync

    for line in sync(repository()):
        say(line)
