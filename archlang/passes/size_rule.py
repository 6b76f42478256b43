"""The rule that sizes follow: a few, then each some further, for ever."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from archlang.record import record


@record
class Rule:
    """Sizes in short: `runs` (first, last), then each of `starts` and for ever `every` further; 0 if they end."""

    runs: tuple[tuple[int, int], ...]
    starts: tuple[int, ...] = ()
    every: int = 0


_LONGEST = 512
_MOST_STARTS = 24
_TURNS = 3
"""Periods that must be seen before a period is believed."""


def rule(sizes: Sequence[int], most: int) -> Rule:
    """The rule that ascending sizes follow up to `most`."""
    members = frozenset(sizes)
    for before, first in enumerate(sizes[:_MOST_STARTS]):
        for period in range(1, min(_LONGEST, (most - first) // _TURNS) + 1):
            tail = range(first, most - period + 1)
            if first + period in members and all((size in members) == (size + period in members) for size in tail):
                starts = tuple(size for size in sizes[before : before + period] if size < first + period)
                return Rule(_runs(sizes[:before]), starts, period)
    return Rule(_runs(sizes))


def _runs(sizes: Sequence[int]) -> tuple[tuple[int, int], ...]:
    if not sizes:
        return ()
    breaks = [i for i, (one, other) in enumerate(pairwise(sizes), 1) if other != one + 1]
    return tuple((sizes[a], sizes[b - 1]) for a, b in pairwise([0, *breaks, len(sizes)]))
