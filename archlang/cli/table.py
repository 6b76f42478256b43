"""`archlang table`: the table of the paper, given back from its file."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from archlang.cli.command import UsageError, declare, names, takes_network

FORMATS = ("markdown", "latex", "html", "csv")

EXAMPLES = """
archlang table vgg                        a column a variant
archlang table googlenet                  a row a module, a column a number
archlang table resnet --variants 18,34,50,101,152 --format latex -o table1.tex
archlang table resnet@50 --format html > resnet50.html
"""


def add(commands: Any) -> None:
    """Declare the command."""
    parser = declare(commands, "table", "print the table of the paper, all variants side by side", run, EXAMPLES)
    takes_network(parser)
    parser.add_argument("--variants", metavar="A,B", type=names, default=[], help="the columns, in this order")
    parser.add_argument("--format", choices=FORMATS, default="markdown", help="how to print it (default: markdown)")
    parser.add_argument("-o", "--output", metavar="OUT", type=Path, help="the file to write it to")


def run(args: Namespace) -> int:
    """Print the table, or write it."""
    if args.variant is not None and args.variants:
        raise UsageError("say --variant or --variants, not both")
    from archlang.cli.screen import show
    from archlang.columns import columns

    found = columns(args.network, dict(args.set), variant=args.variant, variants=args.variants, input=args.input)
    show(found.usual.warnings)
    text = found.text(args.format)
    if args.output is None:
        sys.stdout.write(text)
        return 0
    from archlang.files import write

    write(args.output, text)
    print(f"{args.output}: the table of {found.usual.name}")
    return 0
