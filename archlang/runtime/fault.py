"""What is wrong with a build, in the words and records of all other errors."""

from __future__ import annotations

from archlang.diagnostics import ArchError, Diagnostic
from archlang.source import Source, Span


class BuildError(ArchError):
    """A module that cannot be made, or weights that cannot be loaded into it."""


def fault(code: str, message: str, place: str, help: str | None = None, notes: tuple[str, ...] = ()) -> BuildError:
    """An error about `place`, a file's name or a name that was given."""
    source = Source("the weights", place)
    return BuildError([Diagnostic(code, message, Span(source, 0, len(place)), help=help, notes=notes)])
