"""Read small CSV files with a header, strictly."""

import csv
import math
from collections.abc import Sequence
from pathlib import Path

from pix2pix.errors import UserError

Row = dict[str, str]


def read_rows(path: Path, required: Sequence[str]) -> list[Row]:
    """Return the rows of a CSV file as column -> text.

    Raises:
        UserError: the file is missing, lacks a required column, or has a row that does not match its header.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            rows = list(reader)
    except FileNotFoundError:
        raise UserError(f"{path} is missing: run the stage that writes it again") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path} is no CSV file ({error}): run the stage that writes it again") from None
    missing = [column for column in required if column not in (reader.fieldnames or ())]
    if missing:
        raise UserError(f"{path} has no column {', '.join(missing)}: its header is {','.join(reader.fieldnames or ())!r}")
    for line, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            raise UserError(f"{path}, row {line}: not as many fields as the header has columns")
    return rows


def numbers(rows: Sequence[Row], column: str, path: Path) -> list[float]:
    """Return one column as floats; an empty field is NaN.

    Raises:
        UserError: a field is not a number; the message names file, row and column.
    """
    values = []
    for line, row in enumerate(rows, start=2):
        try:
            values.append(float(row[column] or math.nan))
        except ValueError:
            raise UserError(f"{path}, row {line}, column {column}: {row[column]!r} is no number") from None
    return values
