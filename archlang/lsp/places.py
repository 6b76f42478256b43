"""Places of a text as the protocol counts them: lines, and units of an encoding in a line, both from 0."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Any

from archlang.source import Span

Record = dict[str, Any]

_END = re.compile(r"\r\n|\n|\r")
_UNITS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
ENCODINGS = tuple(_UNITS)
"""The encodings whose units places may be counted in."""


class Places:
    """The places of one text. Lines end as the protocol has it, in LF, CR LF or CR, and in nothing else."""

    def __init__(self, text: str, encoding: str) -> None:
        self._text = text
        self._starts = [0, *(match.end() for match in _END.finditer(text))]
        self._codec, self._size = _UNITS[encoding]

    def position(self, offset: int) -> Record:
        """The line and the units before `offset`, in characters of the text."""
        line = bisect_right(self._starts, offset) - 1
        return {"line": line, "character": self._units(self._text[self._starts[line] : offset])}

    def range(self, span: Span) -> Record:
        """Where a span begins and ends."""
        return self.between(span.start, span.end)

    def between(self, start: int, end: int) -> Record:
        """A range, from two offsets."""
        return {"start": self.position(start), "end": self.position(end)}

    def offset(self, line: int, character: int) -> int:
        """The offset of a position; one past the end of its line or of the text is at that end."""
        if line >= len(self._starts):
            return len(self._text)
        start = self._starts[line]
        end = self._starts[line + 1] if line + 1 < len(self._starts) else len(self._text)
        row = _END.sub("", self._text[start:end])
        if row.isascii():
            return start + min(max(character, 0), len(row))
        units = row.encode(self._codec, "surrogatepass")[: self._size * max(character, 0)]
        return start + len(units.decode(self._codec, "ignore"))

    def _units(self, text: str) -> int:
        return len(text) if text.isascii() else len(text.encode(self._codec, "surrogatepass")) // self._size
