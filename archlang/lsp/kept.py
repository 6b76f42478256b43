"""What a worker keeps between questions: the text it was asked about last, as far as that was worked out.

An editor asks several things of one text after each letter. It is read once for them, and again when it has changed or
a file that it reads.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import cached_property, wraps
from pathlib import Path
from typing import Any

from archlang.diagnostics import Diagnostic
from archlang.editing.look import Look, keeping
from archlang.lsp.asked import Asked
from archlang.model import check
from archlang.source import Source
from archlang.syntax.parse import Parsed, parse


class Kept:
    """One text, and what is known of it; `reads` are the files it asked for, each with what tells when it changes."""

    def __init__(self, asked: Asked) -> None:
        self.about = (asked.uri, asked.path, asked.text)
        self.source: Source = asked.source
        self.reads: dict[Path, object] = {}

    @cached_property
    def parsed(self) -> Parsed:
        """Its program, and what its grammar has against it."""
        return parse(self.source)

    @cached_property
    def look(self) -> Look:
        """A look at it."""
        return Look(self.source, self.parsed)

    @cached_property
    def found(self) -> list[Diagnostic]:
        """What is wrong with it."""
        return check(self.source, self.parsed)

    def holds(self, asked: Asked) -> bool:
        """Whether it is still as it was."""
        return self.about == (asked.uri, asked.path, asked.text) and all(
            _stamp(asked, path) == stamp for path, stamp in self.reads.items()
        )

    def note(self, asked: Asked, paths: Iterable[Path]) -> None:
        """Remember the files that were asked for."""
        for path in paths:
            self.reads.setdefault(path, _stamp(asked, path))


def _stamp(asked: Asked, path: Path) -> object:
    """What is another when a file is: its text in the editor, else its time and size on the disk."""
    if (known := asked.others.get(str(path))) is not None:
        return known[1]
    try:
        status = os.stat(path)  # noqa: PTH116 - thrice as fast, and asked of each file at every question
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


LAST: list[Kept] = []
"""What is kept: of one text, the last."""


def kept(answer: Callable[..., Any]) -> Callable[..., Any]:
    """The answer to a question, given what is kept of its text, while the open documents stand for their files."""

    @wraps(answer)
    def answered(asked: Asked, *given: Any) -> Any:
        if not (LAST and LAST[0].holds(asked)):
            LAST[:] = [Kept(asked)]
        [last] = LAST
        asked.source = last.source
        with asked.held() as held:
            try:
                return answer(asked, last, *given)
            finally:
                last.note(asked, held.asked)

    return answered


def looking(answer: Callable[..., Any]) -> Callable[..., Any]:
    """The answer to a question of `archlang.editing`'s, which is then asked of the look that is kept."""

    @kept
    @wraps(answer)
    def answered(asked: Asked, last: Kept, *given: Any) -> Any:
        with keeping(last.look):
            return answer(asked, *given)

    return answered
