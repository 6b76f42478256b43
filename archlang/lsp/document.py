"""A document that the client has open."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from archlang.lsp.asked import path_of
from archlang.lsp.places import Places

if TYPE_CHECKING:
    from lsprotocol.types import TextDocumentContentChangeEvent


@dataclass(eq=False)
class Document:
    """Its text as the client holds it. Its questions are asked one at a time, `turn` says when.

    `age` counts its changes. `reads` are the files that its imports led to when it was checked last, `misses` whether
    one of them was not there; `shown` are the addresses of files not open that its changes had messages shown of.
    """

    uri: str
    text: str
    version: int
    age: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    reads: frozenset[str] = frozenset()
    misses: bool = False
    shown: set[str] = field(default_factory=set[str])

    def __post_init__(self) -> None:
        path = path_of(self.uri)
        self.path = str(path) if path is not None else None
        self.place = str(path.resolve()) if path is not None else None

    def change(self, changes: Iterable[TextDocumentContentChangeEvent], version: int, encoding: str) -> None:
        """Make changes, one after the other; one without a range is the whole text."""
        for each in changes:
            span = getattr(each, "range", None)
            if span is None:
                self.text = each.text
                continue
            places = Places(self.text, encoding)
            start = places.offset(span.start.line, span.start.character)
            end = max(start, places.offset(span.end.line, span.end.character))
            self.text = self.text[:start] + each.text + self.text[end:]
        self.version = version
        self.age += 1

    def concerned(self, place: str | None) -> bool:
        """Whether what is wrong with it may be otherwise when the file at `place` changes."""
        return place is not None and place != self.place and (self.misses or place in self.reads)
