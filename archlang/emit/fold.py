"""Runs of like calls as one loop: in a sequence, or among the members of a class."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from archlang.emit.expr import Bin, Expr, Lit, Var, join, text
from archlang.emit.forms import Form, Leaf, leaves, mapped
from archlang.record import record

LONGEST = 12
"""Members in one round of a loop."""


@record
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


def loops(items: Sequence[Form], names: Sequence[str] | None, least_saving: int, longest: int = LONGEST) -> list[Loop]:
    """Runs that a loop can hold, first come first served; the longest saving at each place."""
    found: list[Loop] = []
    rows = [_row(item, names[at] if names is not None else None) for at, item in enumerate(items)]
    at = 0
    while at < len(items):
        best: Loop | None = None
        for period in range(1, min(longest, (len(items) - at) // 2) + 1):
            loop = _grown(rows, at, period)
            if loop is not None and (best is None or loop.end - loop.period > best.end - best.period):
                best = loop
        saving = best.period * (best.count - 1) if best is not None else 0
        if best is not None and saving >= least_saving:
            found.append(best)
            at = best.end
        else:
            at += 1
    return found


@record
class _Row:
    """One item as loops see it: what must be equal, what may step, and the number in its name."""

    key: Any
    values: tuple[Any, ...]
    number: int | None = None


def _row(item: Form, name: str | None) -> _Row:
    head, number = (None, None) if name is None else stem(name)
    return _Row((item.shape, head), tuple(leaf.value for _, _, leaf in leaves(item)), number)


def _grown(rows: Sequence[_Row], at: int, period: int) -> Loop | None:
    """The longest loop of that period from here; None if there is none."""
    moving = [_steps(rows[at + k], rows[at + period + k]) for k in range(period)]
    first, by = 0, 1
    if rows[at].number is not None:
        first, by = rows[at].number or 0, (rows[at + period].number or 0) - (rows[at].number or 0)
    named = any(row.key[1] is not None for row in rows[at : at + period])
    if by < 1 or (named and any(row.number is None for row in rows[at : at + period])):
        return None
    count = 1
    while at + (count + 1) * period <= len(rows) and all(
        _follows(rows[at + k], rows[at + count * period + k], moving[k], count, by) for k in range(period)
    ):
        count += 1
    stepping = any(step for steps in moving for step in steps or ())
    return Loop(at, period, count, first, by) if count > (2 if stepping else 1) else None


def _steps(one: _Row, other: _Row) -> list[int] | None:
    """How far each value steps from one item to the next; None where no loop can say it."""
    if one.key != other.key or len(one.values) != len(other.values):
        return None
    steps: list[int] = []
    for a, b in zip(one.values, other.values, strict=True):
        if a == b and _kind(a) is _kind(b):
            steps.append(0)
        elif _kind(a) is int and _kind(b) is int:
            steps.append(b.value - a.value)
        else:
            return None
    return steps


def _follows(one: _Row, other: _Row, steps: list[int] | None, rounds: int, by: int) -> bool:
    """Whether `other` is `one` after that many rounds."""
    if steps is None or one.key != other.key or any(step % by for step in steps):
        return False
    if one.number is not None and other.number != one.number + rounds * by:
        return False
    return all(
        _kind(a) is _kind(b) and (a == b if not step else _kind(b) is int and b.value == a.value + step * rounds)
        for a, b, step in zip(one.values, other.values, steps, strict=True)
    )


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


def _kind(one: Expr | None) -> object:
    """The Python type of a constant, so that `True` and `1` differ."""
    return one.value.__class__ if isinstance(one, Lit) else None
