"""Items of a sequence that only some calls of a class have, as the first convolution of MobileNet v2's blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from typing import Any

from archlang.emit.forms import Form, Leaf, mapped

OPTIONAL = "?"
"""What the form of such items is called by. Its arguments are whether they are there, `present`, and their forms."""

PRESENT = "present"


def sequences(
    forms: Sequence[Form | None], said: Callable[[int], Sequence[Any]] | None = None
) -> list[Form | None] | None:
    """The same `nn.Sequential` calls, what some of them lack as one optional form; None where they have no whole.

    What is no such call stays as it is. `said` gives where in the file the items of a call are said.
    """
    rows: dict[int, list[Form]] = {}
    for call, one in enumerate(forms):
        if one is not None and one.function == "nn.Sequential" and not one.ordered:
            rows[call] = [value for _, value in one.args if isinstance(value, Form)]
    if len({len(row) for row in rows.values()}) < 2:
        return None
    places = [said(call) if said else () for call in rows]
    made = _whole(list(rows.values()), places)
    if made is None:
        return None
    found = dict(zip(rows, made, strict=True))
    return [found.get(call, one) for call, one in enumerate(forms)]


def _whole(rows: Sequence[Sequence[Form]], said: Sequence[Sequence[Any]]) -> list[Form] | None:
    """Sequences of these items that differ in whether they have what is optional."""
    longest = max(range(len(rows)), key=lambda call: len(rows[call]))
    whole = rows[longest]
    shapes = [[one.shape for one in row] for row in rows]
    known = all(len(where) == len(row) for where, row in zip(said, rows, strict=True))
    keys = [list(zip(where, row, strict=True)) for where, row in zip(said, shapes, strict=True)] if known else shapes
    places = [
        _places(keys[longest], key) or _places(shapes[longest], row) for key, row in zip(keys, shapes, strict=True)
    ]
    found_at = [place for place in places if place is not None]
    if len(found_at) < len(places):
        return None
    present = [tuple(place[at] is not None for place in found_at) for at in range(len(whole))]
    if 2 * sum(map(all, present)) < len(whole):  # two sequences that have little in common
        return None
    found: list[Form] = []
    for call, (row, place) in enumerate(zip(rows, found_at, strict=True)):
        items: list[Form] = []
        for start, end in _runs(present):
            own = [_item(whole[at], row, place[at]) for at in range(start, end)]
            if all(present[start]):
                items += own
            else:
                items.append(_optional(own, present=present[start][call]))
        found.append(Form("nn.Sequential", tuple((None, one) for one in items)))
    return found


def _places(whole: Sequence[Any], row: Sequence[Any]) -> list[int | None] | None:
    """For each item of the whole that of the row; None if the row has another."""
    blocks = SequenceMatcher(None, whole, row, autojunk=False).get_matching_blocks()
    places: list[int | None] = [None] * len(whole)
    for block in blocks:
        for offset in range(block.size):
            places[block.a + offset] = block.b + offset
    return places if sum(block.size for block in blocks) == len(row) else None


def _runs(present: Sequence[tuple[bool, ...]]) -> list[tuple[int, int]]:
    """Where items begin and end that the same calls have."""
    starts = [at for at, calls in enumerate(present) if at == 0 or calls != present[at - 1]]
    return list(zip(starts, [*starts[1:], len(present)], strict=True))


def _item(model: Form, row: Sequence[Form], place: int | None) -> Form:
    """A call's own item, or the model's without a value."""
    return row[place] if place is not None else mapped(model, lambda _, _leaf: Leaf(None))


def _optional(items: Sequence[Form], *, present: bool) -> Form:
    return Form(OPTIONAL, ((PRESENT, Leaf(present)), *((None, one) for one in items)))
