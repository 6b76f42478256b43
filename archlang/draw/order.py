"""Order within a scene: that nothing is read before it is made, and what may stand side by side."""

from __future__ import annotations

from collections.abc import Sequence

from archlang.draw.scene import Box, Column, Fork, Frame, Item, Repeat, boxes


def in_order(column: Column) -> bool:
    """Whether everything in a column is made above, or outside, of where it is read."""
    return _check(column) is not None


def _check(part: Item | Column) -> tuple[set[int], set[int]] | None:
    """The keys a part makes and those it takes, or None if it reads something before it is made."""
    match part:
        case Box():
            return set(part.gives), set(part.reads)
        case Frame():
            return _check(part.body)
        case Repeat():
            return _check(part.folded)
        case _:
            parts: Sequence[Item | Column] = part.columns if isinstance(part, Fork) else part.items
    made: set[int] = set()
    taken: set[int] = set()
    for inner in parts:
        found = _check(inner)
        if found is None or found[0] & taken or (isinstance(part, Fork) and found[1] & made):
            return None
        taken |= found[1] - made
        made |= found[0]
    return made, taken


def interleave(items: list[Item]) -> list[Item]:
    """Inputs put right before their first readers, and streams that do not read one another side by side."""
    sources = [item for item in items if isinstance(item, Box) and not item.reads]
    if len(sources) < 2:
        return items
    return _streams(_late(items, sources))


def _late(items: list[Item], sources: list[Box]) -> list[Item]:
    """The same items, each source where it is first read."""
    waiting = {box.key: box for box in sources}
    order: list[Item] = []
    for item in items:
        if isinstance(item, Box) and item.key in waiting:
            continue
        read = dict.fromkeys(key for box in boxes(item) for key in box.reads if key in waiting)
        order += [*(waiting.pop(key) for key in read), item]
    return [*order, *waiting.values()]


def _streams(items: list[Item]) -> list[Item]:
    """The items up to the first that reads two streams become a fork with a column for each stream."""
    columns: list[list[Item]] = []
    made: list[set[int]] = []
    for index, item in enumerate(items):
        inside = list(boxes(item))
        own = {box.key for box in inside}
        reads = {key for box in inside for key in box.reads} - own
        touched = [number for number, keys in enumerate(made) if keys & reads]
        if len(touched) > 1:
            return [*_fork(columns), *items[index:]]
        if touched:
            columns[touched[0]].append(item)
            made[touched[0]] |= own
        else:
            columns.append([item])
            made.append(own)
    return _fork(columns)


def _fork(columns: list[list[Item]]) -> list[Item]:
    if len(columns) < 2:
        return [item for column in columns for item in column]
    return [Fork(tuple(Column(tuple(column)) for column in columns))]
