"""The folder that a call writes to: its own, so that nothing of anyone else's is written over."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from pix2pix.errors import UserError
from pix2pix.system.atomic_write import write_errors, write_json

NOTE = ".pix2pix-process.json"


def check_overlap(output: Path, inputs: Sequence[Path]) -> None:
    """Raises UserError where `output` is one of the input folders or lies in one: what is made would be taken for a source."""
    for source in inputs:
        if output.resolve().is_relative_to(source.resolve()):
            where = "is the input folder itself" if output.resolve() == source.resolve() else f"lies inside {source}"
            raise UserError(f"--output {output} {where}, and sources are never changed: choose a folder beside it")


def acquire(output: Path, call: Mapping[str, object], inputs: Sequence[Path]) -> None:
    """Make the folder and note in it, hidden, which call it belongs to; fine where it already belongs to this one.

    `call`: the operation and the options that decide what the files hold, fit for JSON. Without the note a second call could not tell
    files that are done from files done with another size.
    Raises UserError where the folder belongs to another call, or holds what no call made.
    """
    # relative, so that a folder of data can be moved or handed on as a whole
    wanted = {**call, "input": [os.path.relpath(source.resolve(), output.resolve()) for source in inputs]}
    note = output / NOTE
    with write_errors(output):
        if note.exists():
            try:
                made = json.loads(note.read_text(encoding="utf-8"))
            except ValueError:
                raise UserError(f"{note} is damaged: choose another --output, or remove {output}") from None
            if made != wanted:
                raise UserError(
                    f"{output} holds what another call made ({_differences(made, wanted)}): choose another --output, or remove it"
                )
            return
        if output.exists() and any(not path.name.startswith(".") for path in output.iterdir()):
            raise UserError(f"{output} holds files that pix2pix process did not make: choose a new or an empty folder as --output")
        write_json(note, wanted)


def _differences(made: object, wanted: Mapping[str, object]) -> str:
    """Which options differ, as a person reads them."""
    before = made if isinstance(made, dict) else {}
    keys = [key for key in {**wanted, **before} if before.get(key) != wanted.get(key)]
    return ", ".join(f"{key} was {before.get(key)}, now {wanted.get(key)}" for key in keys)
