"""`archlang diff`: what one network has that another has not, and what that costs."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from archlang.cli.command import NETWORK, UsageError, declare
from archlang.cli.draw import SUFFIXES

EXAMPLES = """
archlang diff resnet50 resnet101
archlang diff vgg@A vgg@D -o growth.svg        one picture with both
archlang diff old.arch new.arch --exit-code    ends with 1 if they differ
archlang diff resnet50 resnext50 --format json
"""


def add(commands: Any) -> None:
    """Declare the command."""
    parser = declare(commands, "diff", "say how two networks differ, layer by layer, and what it costs", run, EXAMPLES)
    one = NETWORK.replace("\n", " ")
    parser.add_argument("left", metavar="A", help=one)
    parser.add_argument("right", metavar="B", help="the network to compare it with, named alike")
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how to print it (default: text)")
    parser.add_argument(
        "-o", "--output", metavar="OUT", type=Path, help="draw both: an .svg, .png, .pdf, .tex or .dot file"
    )
    parser.add_argument("--expand", action="store_true", help="draw every copy of a repeat")
    parser.add_argument("--exit-code", action="store_true", help="end with 1 if they differ")


def run(args: Namespace) -> int:
    """Print the differences, and draw them if asked to."""
    out: Path | None = args.output
    if out is not None and out.suffix.lower() not in SUFFIXES:
        raise UsageError(f"`{out}`: a picture's name ends in {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}")
    if args.left == args.right == "-":
        raise UsageError("standard input can be one of the two networks, not both")
    from archlang.cli.screen import show
    from archlang.ir.most import DIFFERENCE
    from archlang.model import read_for
    from archlang.passes.difference import difference
    from archlang.report import diff

    models = [read_for(DIFFERENCE, name) for name in (args.left, args.right)]
    for model in models:
        show(model.warnings)
    found = difference(models[0].network, models[1].network)
    if out is not None:
        from archlang.draw.both import draw_both

        draw_both(found, out, expand=args.expand)
    print(diff.said(found, args.format), end="")
    return int(args.exit_code and not found.equal)
