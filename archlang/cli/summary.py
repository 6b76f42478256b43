"""`archlang summary`: the table of a network."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from archlang.cli.command import declare, images, read, takes_network

FORMATS = ("table", "json", "csv", "markdown", "latex")
COUNTERS = ("netscope", "fvcore", "torchinfo")

EXAMPLES = """
archlang summary resnet50
archlang summary net.arch --set classes=10 --input 3x64x64
archlang summary vgg@D --format latex > vgg.tex
archlang summary googlenet --format json --count-as fvcore
"""


def add(commands: Any) -> None:
    """Declare the command."""
    parser = declare(commands, "summary", "print a network's table: sizes, parameters, MACs, memory", run, EXAMPLES)
    takes_network(parser)
    parser.add_argument("--batch", metavar="N", type=images, default=1, help="images at a time (default: 1)")
    parser.add_argument("--format", choices=FORMATS, default="table", help="how to print it (default: table)")
    parser.add_argument("--count-as", choices=COUNTERS, help="count what that tool counts, as it counts it")


def run(args: Namespace) -> int:
    """Print the table."""
    from archlang.ir.most import SUMMARY

    model = read(args, SUMMARY)
    print(model.summary(args.format, count_as=args.count_as, batch=args.batch).rstrip("\n"))
    return 0
