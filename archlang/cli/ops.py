"""`archlang ops`: every layer and block that a file may use, archlang's own and those of installed packages."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from archlang.cli.command import UsageError, declare

FORMATS = ("text", "json")

EXAMPLES = """
archlang ops                    every layer and block, a line each
archlang ops conv               one of them at length
archlang ops --format json
"""


def add(commands: Any) -> None:
    """Declare the command."""
    parser = declare(commands, "ops", "list the layers and blocks that a file may use", run, EXAMPLES)
    parser.add_argument(
        "name", metavar="NAME", nargs="?", help="a layer or block, to be told all there is to say of it"
    )
    parser.add_argument("--format", choices=FORMATS, default="text", help="how to print it (default: text)")


def run(args: Namespace) -> int:
    """Print the list, or what a name means."""
    from archlang.editing.listed import as_json, at_length, found, listed, names, table
    from archlang.elaborate.read import did_you_mean

    every = listed() if args.name is None else found(args.name)
    if args.name is not None and not every:
        help_ = did_you_mean(args.name, names()) or "`archlang ops` lists them all"
        raise UsageError(f"there is no layer or block `{args.name}`: {help_}")
    if args.format == "json":
        print(as_json(every), end="")
    else:
        print(table(every) if args.name is None else "\n".join(map(at_length, every)), end="")
    return 0
