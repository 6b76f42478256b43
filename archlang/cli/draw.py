"""`archlang draw`: the picture of a network."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from archlang.cli.command import UsageError, declare, file_name, read, takes_network, title
from archlang.cli.looking import in_terminal, look_of, takes_look

SUFFIXES = (".svg", ".png", ".pdf", ".tex", ".dot", ".txt", ".html")

EXAMPLES = """
archlang draw googlenet                        writes googlenet.svg
archlang draw vgg@D -o vgg16.pdf
archlang draw vgg -o vgg.html                  a page to open or send: fold, search, compare
archlang draw resnet152 --expand -o long.png   every copy of a repeat
archlang draw unet --terminal                  here, with box characters
archlang draw resnet50 --style paper -o fig.pdf  for a column of a paper; --style blocks3d for tensors in space
archlang draw net.arch --engine dot            laid out by Graphviz
archlang draw vgg@D --times vgg.json -o vgg.html   with the times that bench --layers -o vgg measured
"""


def add(commands: Any) -> None:
    """Declare the command."""
    parser = declare(commands, "draw", "draw a network", run, EXAMPLES)
    takes_network(parser)
    help_ = "a file that ends in one of " + ", ".join(SUFFIXES)
    parser.add_argument("-o", "--output", metavar="OUT", type=Path, help=help_)
    takes_look(parser)
    parser.add_argument("--times", metavar="FILE", type=Path, help="show times of `bench --layers --json` on a page")


def run(args: Namespace) -> int:
    """Draw, and say where."""
    out: Path | None = args.output
    if out is not None and out.suffix.lower() not in SUFFIXES:
        raise UsageError(f"`{out}`: a picture's name ends in {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}")
    from archlang.ir.most import PAGE, PICTURE

    page = out is not None and out.suffix.lower() == ".html"
    model = read(args, PAGE if page else PICTURE)
    if args.terminal:
        in_terminal(args, model)
        return 0
    out = out or Path(file_name(args, model) + ".svg")
    model.draw(out, **look_of(args), times=args.times)
    print(f"{out}: {title(model)}")
    return 0
