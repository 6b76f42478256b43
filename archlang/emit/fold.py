"""Runs of like calls as one loop: in a sequence, or among the members of a class."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from archlang.emit.expr import Bin, Expr, Lit, Var, join, text
from archlang.emit.forms import Form, Leaf, leaves, mapped, shape_key

LONGEST = 12
"""Members in one round of a loop."""


@dataclass(frozen=True, slots=True)
class Loop:
    """`count` rounds of `period` items from `start`; the loop's `i` begins at `first` and steps by `by`."""

    start: int
    period: int
    count: int
    first: int = 0
    by: int = 1

    @property
    def end(self) -> int:
        """The item after the last."""
        return self.start + self.period * self.count

    @property
    def span(self) -> str:
        """What `i` runs over."""
        last = self.first + self.by * self.count
        if self.by != 1:
            return f"range({self.first}, {last - self.by + 1}, {self.by})"
        return f"range({last})" if self.first == 0 else f"range({self.first}, {last})"


_STEM = re.compile(r"(.*?)(\d+)\Z")


def stem(name: str) -> tuple[str, int | None]:
    """`unit12` is `unit` and 12; a name without a number has None."""
    match = _STEM.match(name)
    return (
        (match[1], int(match[2]))
        if match and match[1] and not (match[2][0] == "0" and len(match[2]) > 1)
        else (name, None)
    )


def loops(items: Sequence[Form], names: Sequence[str] | None, least_saving: int) -> list[Loop]:
    """Runs that a loop can hold, first come first served; the longest saving at each place."""
    found: list[Loop] = []
    at = 0
    keys = [(shape_key(item), item.function) for item in items]
    while at < len(items):
        best: Loop | None = None
        for period in range(1, min(LONGEST, (len(items) - at) // 2) + 1):
            loop = _grown(items, names, keys, at, period)
            if loop is not None and (best is None or loop.end - loop.period > best.end - best.period):
                best = loop
        saving = best.period * (best.count - 1) if best is not None else 0
        if best is not None and saving >= least_saving:
            found.append(best)
            at = best.end
        else:
            at += 1
    return found


def _grown(
    items: Sequence[Form], names: Sequence[str] | None, keys: Sequence[Any], at: int, period: int
) -> Loop | None:
    """The longest loop of that period from here; None if there is none."""
    count = 1
    while (
        at + (count + 1) * period <= len(items)
        and keys[at : at + period] == keys[at + count * period : at + (count + 1) * period]
    ):
        count += 1
    while count > 1:
        first, by, even = 0, 1, True
        if names is not None:
            numbers = [stem(names[at + j * period])[1] for j in range(count)]
            if numbers[0] is None or numbers[1] is None:
                return None
            first, by = numbers[0], numbers[1] - numbers[0]
            even = by > 0
        loop = Loop(at, period, count, first, by)
        varies = [patterns for offset in range(period) if (patterns := pattern(items, names, loop, offset)) is not None]
        if even and len(varies) == period and (count > 2 or not any(v[2] for v in varies)):
            return loop
        count -= 1
    return None


def pattern(
    items: Sequence[Form], names: Sequence[str] | None, loop: Loop, offset: int
) -> tuple[Form, str, bool] | None:
    """One item of a round with `i` in it: its call, its name as source, and whether numbers in it step."""
    run = [items[loop.start + j * loop.period + offset] for j in range(loop.count)]
    columns = [[leaf.value for _, _, leaf in leaves(item)] for item in run]
    places = [path for path, _, _ in leaves(run[0])]
    exprs: dict[Any, Expr] = {}
    steps = False
    for index, path in enumerate(places):
        column = [row[index] if index < len(row) else None for row in columns]
        said = _progression(column, loop)
        if said is None:
            return None
        exprs[path] = said
        steps |= said != column[0]
    if any(len(row) != len(places) for row in columns):
        return None
    name = ""
    if names is not None:
        own = [stem(names[loop.start + j * loop.period + offset]) for j in range(loop.count)]
        if any(s != own[0][0] or n is None for s, n in own):
            return None
        said = _progression([Lit(n) for _, n in own], loop)
        if said is None or said == Lit(own[0][1]):
            return None
        name = f'f"{own[0][0]}{{{text(said)}}}"'
    return mapped(run[0], lambda path, _: Leaf(exprs[path])), name, steps


def _progression(column: Sequence[Expr | None], loop: Loop) -> Expr | None:
    """What says every value of a column by `i`: itself if all are equal, a + b * i if they step evenly."""
    first = column[0]
    if first is None or all(one == first and _kind(one) is _kind(first) for one in column):
        return first
    numbers = [one.value for one in column if isinstance(one, Lit) and type(one.value) is int]
    if len(numbers) != len(column):
        return None
    step = numbers[1] - numbers[0]
    if any(b - a != step for a, b in pairwise(numbers)) or step % loop.by:
        return None
    factor = step // loop.by
    rest = numbers[0] - factor * loop.first
    product = join("*", Lit(factor), Var("i"))
    return join("+", product, Lit(rest)) if rest >= 0 else Bin("-", product, Lit(-rest))


def _kind(one: Expr | None) -> type | None:
    return type(one.value) if isinstance(one, Lit) else None
