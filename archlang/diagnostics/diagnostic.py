"""What archlang has to say about a file: records, never text alone."""

from __future__ import annotations

import re
from enum import StrEnum

from archlang.record import record
from archlang.source import Span

_MEANT = re.compile(r"did you mean `(?P<word>[^`]+)`\?")
_WORD = re.compile(r"[\w@-]+", re.ASCII)


class Severity(StrEnum):
    """How bad it is: an error stops the file, the rest does not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@record
class Label:
    """A second place that matters, and what stands there: `64x112x112`."""

    span: Span
    text: str = ""


@record
class Diagnostic:
    """One thing that is wrong, or worth saying.

    `code` is a slug that `codes.CODES` declares. `text` stands under the
    span's own carets. `trace` holds the calls that led here, innermost first:
    each label is the span of a call and the words for it.
    """

    code: str
    message: str
    span: Span
    text: str = ""
    labels: tuple[Label, ...] = ()
    help: str | None = None
    notes: tuple[str, ...] = ()
    trace: tuple[Label, ...] = ()
    severity: Severity = Severity.ERROR

    @property
    def words(self) -> str:
        """The message, what to do, and the notes, a line each: all that can be said without showing the text."""
        helped = [f"help: {self.help}"] if self.help else []
        return "\n".join([self.message, *helped, *(f"note: {note}" for note in self.notes)])

    @property
    def fix(self) -> str | None:
        """What to type in place of the span, where the help is just that; empty where it is to be left out."""
        if self.help is None:
            return None
        if self.help == "leave it out":
            return ""
        meant = _MEANT.fullmatch(self.help)
        return meant["word"] if meant and _WORD.fullmatch(self.span.text) else None


class ArchError(Exception):
    """A file that cannot be used, with every reason why.

    `diagnostics` holds them all, warnings included, in the order of the text.
    """

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        from archlang.diagnostics.text import render  # rendering can wait until somebody looks

        return "\n" + "\n\n".join(render(d) for d in self.diagnostics)
