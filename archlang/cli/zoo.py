"""`archlang zoo`: the networks that come along, and what is claimed of them, proven."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from archlang.cli.command import declare

FORMATS = ("table", "json", "csv", "markdown")

EXAMPLES = """
archlang zoo
archlang zoo --all --format csv > zoo.csv
archlang zoo check
"""
PROOF = """
archlang zoo check
archlang zoo check resnet50 googlenet
"""


def add(commands: Any) -> None:
    """Declare the command."""
    parser = declare(commands, "zoo", "list the networks that come along, or prove their numbers", run, EXAMPLES)
    parser.add_argument("--all", action="store_true", help="a row for every variant")
    parser.add_argument("--format", choices=FORMATS, default="table", help="how to print it (default: table)")
    further = parser.add_subparsers(title="commands", metavar="COMMAND", help="`archlang zoo COMMAND --help`")
    check = declare(further, "check", "prove all that is claimed of networks, and print each claim", prove, PROOF)
    check.add_argument("names", metavar="NAME", nargs="*", help="a zoo name or path.arch (default: the whole zoo)")


def run(args: Namespace) -> int:
    """Print the list."""
    from archlang.cli.proving import rows

    print(rows(args.format, every=args.all), end="")
    return 0


def prove(args: Namespace) -> int:
    """Print each claim and what became of it; 1 if one is broken."""
    from archlang.cli.proving import prove as proven

    return proven(args.names)
