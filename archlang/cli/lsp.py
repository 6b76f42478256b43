"""`archlang lsp`: what editors ask, in the Language Server Protocol."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import Any

from archlang.cli.command import UsageError, declare

EXAMPLES = """
archlang lsp    what an editor starts; it speaks on standard input and output
"""

MISSING = "the language server needs one more package: pip install 'archlang[lsp]'"

BY_HAND = "this speaks to an editor, on standard input and output: docs/editors.md says how to set one up"


def add(commands: Any) -> None:
    """Declare the command."""
    parser = declare(commands, "lsp", "answer an editor, in the Language Server Protocol", run, EXAMPLES)
    parser.add_argument("--stdio", action="store_true", help="speak on standard input and output, as it does anyway")


def run(_args: Namespace) -> int:
    """Serve until the editor ends it."""
    try:
        from archlang.lsp.run import run as serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pygls", "lsprotocol", "cattrs", "attrs", "attr"):
            raise
        raise UsageError(MISSING) from None
    if sys.stdin.isatty():
        raise UsageError(BY_HAND)
    return serve()
