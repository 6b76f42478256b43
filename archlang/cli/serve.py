"""`archlang serve`: an editor in the browser that draws a network as it is written."""

from __future__ import annotations

import re
import sys
from argparse import ArgumentTypeError, Namespace
from typing import Any

from archlang.cli.command import UsageError, declare

EXAMPLES = """
archlang serve                    every .arch file of this folder can be opened
archlang serve net.arch --open    opens the browser too
archlang serve googlenet          begins with a network of the zoo
"""

MISSING = "the editor needs two more packages: pip install 'archlang[serve]'"


def add(commands: Any) -> None:
    """Declare the command."""
    parser = declare(commands, "serve", "write a network in the browser, drawn as you type", run, EXAMPLES)
    parser.add_argument(
        "file", metavar="FILE", nargs="?", help="a file of this folder (a new one too), or a zoo network"
    )
    parser.add_argument("--port", type=_port, default=None, help="the port (default: 8765, or another if it is taken)")
    parser.add_argument(
        "--host", default="127.0.0.1", help="the address to listen on (default: this machine alone, 127.0.0.1)"
    )
    parser.add_argument("--open", action="store_true", help="open the browser too")


def run(args: Namespace) -> int:
    """Serve until interrupted."""
    try:
        from archlang.serve.run import Unusable, serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("starlette", "uvicorn"):
            raise
        raise UsageError(MISSING) from None
    try:
        return serve(args.file, args.host, args.port, browser=args.open, say=lambda line: print(line, file=sys.stderr))
    except Unusable as error:
        raise UsageError(str(error)) from None


def _port(text: str) -> int:
    if not re.fullmatch(r"\d{1,5}", text, re.ASCII) or int(text) > 65535:
        raise ArgumentTypeError(f"`{text}` is no port: a number up to 65535, 0 for any that is free")
    return int(text)
