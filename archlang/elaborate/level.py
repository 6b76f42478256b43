"""Levels of the names: who is called what, as the keys of the state_dict want it."""

from __future__ import annotations

import keyword

from archlang.elaborate.torch_names import TAKEN


class Level:
    """One body whose children get names: a net, a block call, a named stage, a sequence.

    In a `numbered` level children are 0, 1, 2 ...; elsewhere a child is its
    family and ordinal, `conv1`. A `boundary` is a block or net: names of what is
    around it are not seen from within.
    """

    __slots__ = ("_ordinals", "boundary", "numbered", "parent", "path")

    def __init__(
        self, path: str, parent: Level | None = None, *, numbered: bool = False, boundary: bool = False
    ) -> None:
        self.path, self.parent, self.numbered, self.boundary = path, parent, numbered, boundary
        self._ordinals: dict[str, int] = {}

    def next(self, family: str) -> str:
        """The name of the next child of that family. A labelled child takes its turn too."""
        if self.numbered:
            index = self._ordinals.get("", 0)
            self._ordinals[""] = index + 1
            return str(index)
        ordinal = self._ordinals.get(family, 0) + 1
        self._ordinals[family] = ordinal
        return f"{family}{ordinal}"

    def join(self, name: str) -> str:
        """The dotted path of a child."""
        return f"{self.path}.{name}" if self.path else name

    def within(self, name: str, *, numbered: bool = False, boundary: bool = False) -> Level:
        """The level of a child that has children of its own."""
        return Level(self.join(name), self, numbered=numbered, boundary=boundary)


def is_taken(name: str) -> bool:
    """Whether `nn.Module`, or Python itself, uses the name already."""
    return name in TAKEN or name.startswith("_") or keyword.iskeyword(name)
