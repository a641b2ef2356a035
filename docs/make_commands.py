"""Write docs/reference/commands.md from the command line's own help: python -m docs.make_commands"""

import argparse
from collections.abc import Iterator
from pathlib import Path

from pix2pix.cli.main import build_parser

PAGE = Path("docs/reference/commands.md")
INTRODUCTION = """# Commands

`pix2pix` works with models and images outside the pipeline. This page is generated from `pix2pix COMMAND --help` by
`python -m docs.make_commands`.
"""
Parser = argparse.ArgumentParser


def page() -> str:
    """The whole page: a table of commands, then a section for each command with its arguments."""
    parsers = list(_commands(build_parser()))
    overview = [f"| {_link(parser)} | {_cell(text)} |" for parser, text in parsers]
    table = "\n".join(["| command | what it does |", "|---|---|", *overview])
    first: dict[str, Parser] = {}  # operation of each command
    sections = [_section(parser, first.setdefault(parser.prog.rpartition(" ")[0], parser)) for parser, _ in parsers]
    return "\n\n".join([INTRODUCTION.strip(), table, *sections]) + "\n"


def _link(parser: Parser) -> str:
    return f"[`{parser.prog}`](#{parser.prog.replace(' ', '-')})"


def _commands(parser: Parser) -> Iterator[tuple[Parser, str]]:
    """Each command that does something, with its line of help; depth first."""
    for group in (action for action in parser._actions if isinstance(action, argparse._SubParsersAction)):
        for choice in group._choices_actions:
            command = group.choices[choice.dest]
            nested = list(_commands(command))
            yield from nested or [(command, choice.help or "")]


def _rows(parser: Parser) -> dict[str, str]:
    """Each argument as it is typed, with its row of the table."""
    arguments = [action for action in parser._actions if not isinstance(action, argparse._HelpAction)]
    return {_names(action): f"| {_names(action)} | {_cell(_meaning(action))} |" for action in arguments}


def _section(parser: Parser, first: Parser) -> str:
    """The command with its arguments; those that it has in common with the `first` operation of its command are named only."""
    rows = _rows(parser)
    nested = parser is not first and len(parser.prog.split()) > 2
    common = [name for name, row in rows.items() if nested and _rows(first).get(name) == row]
    parts = [f"## {parser.prog}", _prose(parser.description or "")]
    if own := [row for name, row in rows.items() if name not in common]:
        parts.append("\n".join(["| argument | meaning |", "|---|---|", *own]))
    if common:
        parts.append(f"As for {_link(first)}: {', '.join(common)}.")
    if parser.epilog:
        parts.append("Example:\n\n```\n" + "\n".join(line.strip() for line in parser.epilog.splitlines()[1:]) + "\n```")
    return "\n\n".join(parts)


def _names(action: argparse.Action) -> str:
    """The argument as it is typed; required options are marked."""
    value = str(action.metavar or "") or (f"{{{','.join(map(str, action.choices))}}}" if action.choices else action.dest.upper())
    if not action.option_strings:
        return _code(value) + ("" if action.nargs != "?" else " (optional)")
    text = ", ".join(action.option_strings) + (f" {value}" if action.nargs != 0 and value else "")
    return _code(text) + (" (required)" if action.required else "")


def _code(text: str) -> str:
    """As code; a pipe in backticks would end the table's cell on one renderer and show its escape on another."""
    return f"<code>{text.replace('|', '&#124;')}</code>" if "|" in text else f"`{text}`"


def _meaning(action: argparse.Action) -> str:
    return (action.help or "") % {**vars(action), "prog": ""} if action.help else ""


def _prose(text: str) -> str:
    """A description as one paragraph, angle brackets escaped."""
    return " ".join(text.split()).replace("<", "&lt;")


def _cell(text: str) -> str:
    return _prose(text).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"open {PAGE}")
