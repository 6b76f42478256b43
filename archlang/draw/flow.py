"""Which tensors enter and leave each part of a scene."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from archlang.draw.scene import Box, Column, Item, inside


@dataclass(frozen=True, slots=True)
class Flow:
    """The keys that a part takes from outside and gives to the outside, each once, in order."""

    takes: tuple[int, ...]
    gives: tuple[int, ...]
    makes: frozenset[int]


class Flows:
    """The flow of every item and column in `body`; `results` are the keys that leave it."""

    def __init__(self, body: Column, results: Iterable[int] = ()) -> None:
        self._total: Counter[int] = Counter(list(results))
        self._flows: dict[int, Flow] = {}
        _count(body, self._total)
        self._walk(body)

    def of(self, part: Item | Column) -> Flow:
        """The flow of one part of the scene."""
        return self._flows[id(part)]

    def _walk(self, part: Item | Column) -> tuple[Mapping[int, int], list[int]]:
        """How often the part reads each key, and the keys it makes."""
        if isinstance(part, Box):
            reads: dict[int, int] = dict.fromkeys(part.reads, 1)
            makes = [*part.gives] or [part.key]
        else:
            reads = {}
            makes: list[int] = []
            for inner in inside(part):
                more, made = self._walk(inner)
                for key, times in more.items():
                    reads[key] = reads.get(key, 0) + times
                makes += made
        made_here = frozenset(makes)
        takes = tuple(key for key in reads if key not in made_here)
        gives = tuple(key for key in makes if self._total[key] > reads.get(key, 0))
        self._flows[id(part)] = Flow(takes, gives, made_here)
        return reads, makes


def _count(part: Item | Column, total: Counter[int]) -> None:
    if isinstance(part, Box):
        total.update(part.reads)
        return
    for inner in inside(part):
        _count(inner, total)
