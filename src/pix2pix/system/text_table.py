"""Tables and paragraphs that fit the terminal: a line is broken between columns or words, never within a word or a number."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Sequence

from pix2pix.system.terminal import printable

GAP, INDENT = "  ", "    "  # between columns; before the columns that continue a row on its next line


def line_width() -> int | None:
    """Columns of the terminal, or of the variable COLUMNS; None without either: other programs read a row as a line."""
    return shutil.get_terminal_size((0, 0)).columns or None


def aligned(rows: Sequence[Sequence[str]], right: frozenset[int] = frozenset(), width: int | None = None) -> list[str]:
    """Return the rows as lines with aligned columns; the columns numbered in `right` are right-aligned.

    width: longest line. The columns that do not fit continue in a further line of each row, indented; a cell that is still too wide,
    as a list of parameters may be, continues at its words. None: a line for each row.
    """
    rows = [[printable(cell) for cell in row] for row in rows]  # a name with a line break must not become a line of its own
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    pad = [str.rjust if place in right else str.ljust for place in range(len(widths))]
    lines = []
    for row in rows:
        cells = [pad[place](text, widths[place]) for place, text in enumerate(row)]
        for number, places in enumerate(_packed(widths, width)):
            text = GAP.join(cells[place] for place in places).rstrip()
            if number == 0 or text:
                lines += paragraph(INDENT * (number > 0) + text, width)
    return lines


def paragraph(text: str, width: int | None = None, indent: str = 2 * INDENT) -> list[str]:
    """Break a line of text at its words; the further lines begin with `indent`. Words longer than the line, such as paths, stay whole."""
    if width is None or len(text) <= width:
        return [text]
    return textwrap.wrap(text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False, drop_whitespace=True)


def _packed(widths: Sequence[int], width: int | None) -> list[list[int]]:
    """The numbers of the columns on each line of a row."""
    lines: list[list[int]] = [[]]
    used = 0
    for place, wide in enumerate(widths):
        if width is not None and lines[-1] and used + len(GAP) + wide > width:
            lines.append([])
            used = len(INDENT) - len(GAP)
        used += len(GAP) * bool(lines[-1] or len(lines) > 1) + wide
        lines[-1].append(place)
    return lines
