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
    overview = [f"| [`{parser.prog}`](#{parser.prog.replace(' ', '-')}) | {_cell(text)} |" for parser, text in parsers]
    table = "\n".join(["| command | what it does |", "|---|---|", *overview])
    return "\n\n".join([INTRODUCTION.strip(), table, *(_section(parser) for parser, _ in parsers)]) + "\n"


def _commands(parser: Parser) -> Iterator[tuple[Parser, str]]:
    """Each command that does something, with its line of help; depth first."""
    for group in (action for action in parser._actions if isinstance(action, argparse._SubParsersAction)):
        for choice in group._choices_actions:
            command = group.choices[choice.dest]
            nested = list(_commands(command))
            yield from nested or [(command, choice.help or "")]


def _section(parser: Parser) -> str:
    arguments = [action for action in parser._actions if not isinstance(action, argparse._HelpAction)]
    rows = [f"| {_names(action)} | {_cell(_meaning(action))} |" for action in arguments]
    parts = [f"## {parser.prog}", _prose(parser.description or "")]
    if rows:
        parts.append("\n".join(["| argument | meaning |", "|---|---|", *rows]))
    if parser.epilog:
        parts.append("Example:\n\n```\n" + "\n".join(line.strip() for line in parser.epilog.splitlines()[1:]) + "\n```")
    return "\n\n".join(parts)


def _names(action: argparse.Action) -> str:
    """The argument as it is typed; required options are marked."""
    value = action.metavar or (f"{{{','.join(map(str, action.choices))}}}" if action.choices else action.dest.upper())
    if not action.option_strings:
        return f"`{value}`" + ("" if action.nargs != "?" else " (optional)")
    text = ", ".join(action.option_strings) + (f" {value}" if action.nargs != 0 and value else "")
    # a pipe in backticks would end the table's cell on one renderer and show its escape on another
    code = f"<code>{text.replace('|', '&#124;')}</code>" if "|" in text else f"`{text}`"
    return code + (" (required)" if action.required else "")


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
