"""`archlang explain`: what a message's code means, at length."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from archlang.cli.command import UsageError, declare

EXAMPLES = """
archlang explain unknown-layer       what it means, an example, and the example mended
archlang explain 'error[unknown-layer]'
archlang explain                     all codes, a line each
"""


def add(commands: Any) -> None:
    """Declare the command."""
    parser = declare(commands, "explain", "say what the code of a message means", run, EXAMPLES)
    parser.add_argument("code", metavar="CODE", nargs="?", help="the word in brackets: `error[CODE]: ...`")


def run(args: Namespace) -> int:
    """Print one page, or the list of codes."""
    from archlang.diagnostics.codes import CODES
    from archlang.diagnostics.explanations import explanation, nearest

    if args.code is None:
        width = max(map(len, CODES))
        print("\n".join(f"{code:{width}}  {CODES[code]}" for code in sorted(CODES)))
        return 0
    try:
        print(explanation(args.code).text, end="")
    except KeyError:
        meant = nearest(args.code)
        way_out = f"did you mean `{meant}`?" if meant else "`archlang explain` lists them all"
        raise UsageError(f"there is no code `{args.code}`: {way_out}") from None
    return 0
