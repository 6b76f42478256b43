"""Where in a column each tensor appears, where it is read, and where last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archlang.draw.plan import Extent


@dataclass(frozen=True, slots=True)
class Wires:
    """The tensors of one column, by gap.

    `trunk` holds the indices of the items one under another, `asides` those
    beside them with the gap each hangs from. `births` gives the gap in which a
    tensor appears, `uses` the gaps and items that read it, `last` the last gap
    it is needed in.
    """

    trunk: tuple[int, ...]
    asides: tuple[tuple[int, int], ...]
    births: Mapping[int, int]
    uses: Mapping[int, Sequence[tuple[int, int]]]
    last: Mapping[int, int]


def read_wires(items: Sequence[Extent], takes: Sequence[int], gives: Sequence[int]) -> Wires:
    """What is connected in a column that `takes` tensors at its top and `gives` some at its bottom."""
    trunk = tuple(index for index, item in enumerate(items) if not item.aside)
    births = dict.fromkeys(takes, 0)
    uses: dict[int, list[tuple[int, int]]] = {}
    asides: list[tuple[int, int]] = []
    gap = 0
    for index, item in enumerate(items):
        for key in item.ins:
            uses.setdefault(key, []).append((gap, index))
        if item.aside:
            asides.append((index, gap))
        else:
            gap += 1
            births.update(dict.fromkeys(item.outs, gap))
    last = {key: max([birth, *(gap for gap, _ in uses.get(key, ()))]) for key, birth in births.items()}
    last.update(dict.fromkeys(gives, len(trunk)))
    return Wires(trunk, tuple(asides), births, uses, last)
