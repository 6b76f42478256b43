"""`archlang draw`: the picture of a network."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from archlang.cli.command import UsageError, declare, file_name, read, takes_network, title

STYLES = ("netscope", "blocks3d")
DIRECTIONS = ("down", "right")
SUFFIXES = (".svg", ".png", ".pdf", ".tex", ".dot", ".html")

EXAMPLES = """
archlang draw googlenet                        writes googlenet.svg
archlang draw vgg@D -o vgg16.pdf
archlang draw vgg -o vgg.html                  a page to open or send: fold, search, compare
archlang draw resnet152 --expand -o long.png   every copy of a repeat
archlang draw net.arch --engine dot            laid out by Graphviz
archlang draw vgg@D --times vgg.json -o vgg.html   with the times that bench --layers -o vgg measured
"""


def add(commands: Any) -> None:
    """Declare the command."""
    parser = declare(commands, "draw", "draw a network", run, EXAMPLES)
    takes_network(parser)
    parser.add_argument(
        "-o", "--output", metavar="OUT", type=Path, help="an .svg, .png, .pdf, .tex or .dot file, or an .html page"
    )
    parser.add_argument("--expand", action="store_true", help="draw every copy of a repeat")
    parser.add_argument("--style", choices=STYLES, default="netscope", help="what it looks like")
    parser.add_argument("--direction", choices=DIRECTIONS, help="where the network runs to: down, or right")
    parser.add_argument("--engine", choices=("dot",), help="lay it out with Graphviz, which must be installed")
    parser.add_argument("--times", metavar="FILE", type=Path, help="show times of `bench --layers --json` on a page")


def run(args: Namespace) -> int:
    """Draw, and say where."""
    out: Path | None = args.output
    if out is not None and out.suffix.lower() not in SUFFIXES:
        raise UsageError(f"`{out}`: a picture's name ends in {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}")
    model = read(args)
    out = out or Path(file_name(args, model) + ".svg")
    look = {"expand": args.expand, "engine": args.engine, "style": args.style, "direction": args.direction}
    model.draw(out, **look, times=args.times)
    print(f"{out}: {title(model)}")
    return 0
