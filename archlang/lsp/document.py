"""A document that the client has open."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archlang.lsp.asked import path_of
from archlang.lsp.places import Places

if TYPE_CHECKING:
    from lsprotocol.types import TextDocumentContentChangeEvent


@dataclass(eq=False)
class Document:
    """Its text as the client holds it. Its questions are asked one at a time, `turn` says when.

    `age` counts its changes. `told` is what was wrong with it at the age `checked`, when it was checked last, and
    `reads` are the files that its imports asked for then, there or not. `shown` are the addresses of files that are not
    open and that its changes had messages shown of.
    """

    uri: str
    text: str
    version: int
    age: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    reads: frozenset[str] = frozenset()
    told: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    checked: int = -1
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
        return place is not None and place != self.place and place in self.reads

    def is_right(self, span: dict[str, Any]) -> bool:
        """Whether it is known that nothing is wrong where a range is, or touches."""
        start, end = _order(span["start"]), _order(span["end"])
        wrong = (each["range"] for each in self.told)
        touched = (_order(one["start"]) <= end and start <= _order(one["end"]) for one in wrong)
        return self.checked == self.age and not any(touched)


def _order(position: dict[str, int]) -> tuple[int, int]:
    return position["line"], position["character"]
