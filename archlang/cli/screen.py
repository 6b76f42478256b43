"""What a command shows: diagnostics, in colour where somebody looks."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from io import TextIOWrapper
from typing import TextIO, cast

from archlang.diagnostics import Diagnostic


def coloured(stream: TextIO) -> bool:
    """Whether `stream` is a terminal that wants colours; `NO_COLOR` says no."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def show(diagnostics: Iterable[Diagnostic], stream: TextIO | None = None) -> None:
    """Print each diagnostic with a blank line after it, on standard error unless told otherwise."""
    diagnostics = tuple(diagnostics)
    if not diagnostics:
        return
    from archlang.diagnostics.text import render

    target: TextIO = sys.stderr if stream is None else stream
    color = coloured(target)
    for diagnostic in diagnostics:
        print(render(diagnostic, color=color), end="\n\n", file=target)


def prepare() -> None:
    """Let no letter that the terminal cannot show end the command."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):
            cast("TextIOWrapper", stream).reconfigure(errors="replace")


def abandon_output() -> None:
    """Nobody reads standard output any more: let nothing complain about it on the way out."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
