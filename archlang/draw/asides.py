"""Chains that go on from a tensor further up, beside what they pass by: the side outputs of HED."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archlang.draw.scene import Column, Fork, Frame, Item, boxes

MOST = 32
"""Chains that are put beside others in one picture, and so the most that stand within one another."""


def beside(items: Sequence[Item]) -> list[Item]:
    """The items, each chain that goes on from further up than the item before it beside those that it passes by.

    The longer of the two stays on the trunk's line, and may have such chains of its own.
    Where the chain is read again, and what it passes by is not, the trunk goes on from the chain: it stays below.
    """
    return _Aside(items).placed


@dataclass(frozen=True, slots=True)
class _Chain:
    """Items that each read the one before, and `wanted`, the tensors that the first reads; `end` is what comes after.

    `sizes` are those tensors whose size they look at.
    """

    items: tuple[Item, ...]
    wanted: frozenset[int]
    sizes: frozenset[int]
    end: int


class _Aside:
    """Puts items in their places, one chain at a time; `forks` are those that it made, by `id`."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items
        self.gives: dict[int, frozenset[int]] = {}
        self.forks: dict[int, Fork] = {}
        self.reads = [_reads(item) for item in items]
        self.read_last = {key: at for at, keys in enumerate(self.reads) for key in keys}
        self.placed: list[Item] = []
        self.chains = 0
        at = 0
        while at < len(items):
            chain = self._chain(at) if self._passes_by(at) else None
            found = None if chain is None else self._in(self.placed, chain)
            if chain is None or found is None:
                self.placed.append(items[at])
                at += 1
            else:
                self.placed, at = found, chain.end
                self.chains += 1

    def _passes_by(self, at: int) -> bool:
        """Whether an item may go on from further up."""
        if len(self.reads[at]) != 1 or _aside(self.items[at]) or self.chains == MOST:
            return False
        return id(self.placed[-1]) in self.forks or not self.reads[at] <= self._given(self.placed[-1:])

    def _chain(self, at: int) -> _Chain:
        """What begins there: each item reads the one before it, and no other tensor."""
        end = at + 1
        while end < len(self.items) and self.reads[end] and not _aside(self.items[end]):
            if not self.reads[end] <= self._given(self.items[end - 1 : end]):
                break
            end += 1
        found = tuple(self.items[at:end])
        sizes = frozenset(key for item in found for box in boxes(item) for key in box.sizes)
        return _Chain(found, self.reads[at], sizes, end)

    def _given(self, items: Sequence[Item]) -> frozenset[int]:
        """The tensors that leave any of these."""
        for item in items:
            if id(item) not in self.gives:
                self.gives[id(item)] = frozenset(key for box in boxes(item) for key in box.gives)
        return frozenset[int]().union(*(self.gives[id(item)] for item in items))

    def _read_after(self, items: Sequence[Item], chain: _Chain) -> bool:
        """Whether a tensor of these is read by what comes after the chain."""
        return any(self.read_last.get(key, -1) >= chain.end for key in self._given(items))

    def _in(
        self, items: Sequence[Item], chain: _Chain, above: frozenset[int] = frozenset(), *, last: bool = True
    ) -> list[Item] | None:
        """The items with the chain beside those that it passes by; None where it passes by none.

        `above` are the tensors made above all of the items; these are the `last`, or others follow them.
        """
        tap = next((number for number, item in enumerate(items) if chain.wanted <= self._given([item])), None)
        if tap is None:
            return None
        before, at, between = items[:tap], items[tap], items[tap + 1 :]
        known = above | self._given(before)
        if isinstance(at, Fork) and id(at) in self.forks:
            fork = self._in_fork(at, chain, known, last=last and not between)
            if fork is not None:
                return [*before, fork, *between]
        if all(map(_aside, between)) or (self._read_after(chain.items, chain) and not self._read_after(between, chain)):
            return None
        if not chain.sizes <= known | self._given([at, *chain.items]):
            return None
        column = Column(chain.items)
        if isinstance(between[0], Fork) and len(between) == 1 and id(between[0]) in self.forks:
            return [*before, at, self._fork((*between[0].columns, column), between[0].straight)]
        straight = int(_length(chain.items) > _length(between))
        return [*before, at, self._fork((Column(tuple(between)), column), straight)]

    def _in_fork(self, fork: Fork, chain: _Chain, above: frozenset[int], *, last: bool) -> Fork | None:
        """The fork with the chain in the column that it goes on from, at its side or its end.

        None where it goes on from the trunk's end, and others follow.
        """
        made = [self._given(column.items) for column in fork.columns]
        number = next(number for number, keys in enumerate(made) if chain.wanted <= keys)
        items = fork.columns[number].items
        placed = self._in(items, chain, above, last=last)
        fits = chain.sizes <= above | made[number] | self._given(chain.items)
        if placed is None and (not fits or (number == fork.straight and not last)):
            return None
        column = Column(tuple(placed or (*items, *chain.items)))
        return self._fork((*fork.columns[:number], column, *fork.columns[number + 1 :]), fork.straight)

    def _fork(self, columns: tuple[Column, ...], straight: int | None) -> Fork:
        made = Fork(columns, straight=straight, level=True)
        self.forks[id(made)] = made
        return made


def _aside(item: Item) -> bool:
    return isinstance(item, Frame) and item.aside


def _reads(item: Item) -> frozenset[int]:
    """The tensors that an item reads, and not only the size of; those of its own apart."""
    inside = list(boxes(item))
    read = frozenset(key for box in inside for key in box.reads if key not in box.sizes)
    return read.difference(*(box.gives for box in inside))


def _length(items: Sequence[Item]) -> int:
    return sum(1 for item in items for _ in boxes(item))
