"""How a picture is asked for on the command line, and the one that is drawn in the terminal itself."""

from __future__ import annotations

import re
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from shutil import get_terminal_size
from typing import TYPE_CHECKING

from archlang.cli.command import UsageError
from archlang.cli.screen import coloured

if TYPE_CHECKING:
    from archlang.draw.style import Look
    from archlang.model import Model

STYLES = ("netscope", "paper", "blocks3d")
DIRECTIONS = ("down", "right")


def takes_look(parser: ArgumentParser) -> None:
    """Let the command be told what a picture looks like."""
    parser.add_argument("--expand", action="store_true", help="draw every copy of a repeat")
    parser.add_argument("--style", choices=STYLES, default="netscope", help="what it looks like")
    parser.add_argument("--direction", choices=DIRECTIONS, help="where the network runs to: down, or right")
    parser.add_argument("--width", metavar="84mm", type=_millimetres, help="of a paper's figure: --width 3.3in")
    parser.add_argument("--height", metavar="230mm", type=_millimetres, help="of a paper's figure: --height 9in")
    parser.add_argument("--mono", action="store_true", help="a paper's figure in black, white and grey")
    parser.add_argument("--terminal", action="store_true", help="draw it here, with box characters")
    parser.add_argument("--columns", type=_columns, help="how wide it is here, or in a .txt file: --columns 80")
    parser.add_argument("--engine", choices=("dot",), help="lay it out with Graphviz, which must be installed")


def look_of(args: Namespace) -> Look:
    """What was told."""
    look: Look = {"expand": args.expand, "engine": args.engine, "style": args.style, "direction": args.direction}
    if args.columns is not None:
        look["columns"] = args.columns
    if args.mono:
        look["mono"] = True
    if args.width is not None:
        look["width"] = args.width
    if args.height is not None:
        look["height"] = args.height
    return look


def in_terminal(args: Namespace, model: Model) -> None:
    """Draw as wide as the terminal is, in colours if it wants them."""
    from archlang.draw.export import text

    if args.output is not None or args.engine is not None or args.style != "netscope" or args.direction is not None:
        raise UsageError("`--terminal` draws here: leave out -o, --engine, --style and --direction")
    columns = args.columns or get_terminal_size().columns
    print(text(model.network, columns, expand=args.expand, colours=coloured(sys.stdout)), end="")


def _columns(text: str) -> int:
    if not text.isdecimal() or not 12 <= int(text) <= 1000:
        raise ArgumentTypeError(f"`{text}` is no width: write a number of characters from 12 to 1000")
    return int(text)


def _millimetres(text: str) -> float:
    found = re.fullmatch(r"(\d{1,4}(?:\.\d{1,4})?)(mm|cm|in|pt)", text)
    if not found:
        raise ArgumentTypeError(f"`{text}` is no length: write 84mm, 8.4cm, 3.3in or 240pt")
    return float(found[1]) * {"mm": 1, "cm": 10, "in": 25.4, "pt": 25.4 / 72.27}[found[2]]
