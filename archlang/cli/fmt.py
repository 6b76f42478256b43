"""`archlang fmt`: files in their one form."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import Any

from archlang.cli.command import declare

EXAMPLES = """
archlang fmt net.arch                format it where it is
archlang fmt --check nets/*.arch     which of them are not formatted; changes nothing
archlang fmt --diff net.arch         what would change; changes nothing
archlang fmt - < net.arch            from standard input to standard output
"""


def add(commands: Any) -> None:
    """Declare the command."""
    parser = declare(commands, "fmt", "give files their one form", run, EXAMPLES)
    parser.add_argument("files", metavar="FILE", nargs="+", help="path.arch, a folder, or - for standard input")
    parser.add_argument("--check", action="store_true", help="say which files would change, and change none")
    parser.add_argument("--diff", action="store_true", help="show what would change, and change nothing")


def run(args: Namespace) -> int:
    """Format each file; 1 if one has a syntax error, or with `--check` would change, 2 if one could not be read."""
    from archlang.cli.folders import expanded
    from archlang.cli.formatted import Formatted
    from archlang.cli.screen import show

    formatted = Formatted(check=args.check, diff=args.diff)
    for name in list(expanded(args.files)):
        show(formatted.format(name))
    if args.files != ["-"] or args.check:
        print(formatted.sentence(), file=sys.stderr)
    return formatted.status
