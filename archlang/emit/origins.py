"""Where a unit of the emitted module comes from, and what its class is named after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from archlang.elaborate.values import Partial
from archlang.emit.fold import stem
from archlang.emit.units import Unit
from archlang.ir.scope import Kind

PLACES = (Kind.STAGE, Kind.REPEAT, Kind.COPY, Kind.GROUP)
"""Scopes that are one place of the network, however alike two of them look."""


def is_body(unit: Unit) -> bool:
    """Whether it is a whole block, a net or a head, which reads best as a class."""
    return any(scope.kind in (Kind.BLOCK, Kind.TRUNK, Kind.AUX) for scope in unit.scopes)


def origin(unit: Unit) -> Any:
    """What a unit is a call of: the block's definition, else the kind of thing it is."""
    binding = unit.binding
    if binding is not None:
        return binding.definition.name, binding.definition.span.start, id(binding.definition.span.source)
    scope = unit.scopes[-1] if unit.scopes else None
    return (scope.title or scope.kind.value) if scope is not None else "part"


def nesting(unit: Unit) -> int:
    """How many calls of the same block nest in it."""
    own = origin(unit)
    below = [nesting(inner) + 1 for inner in unit.units() if inner is not unit and origin(inner) == own]
    return max(below, default=0)


def said_in(unit: Unit, holder: Unit) -> Any:
    """Where in the file a unit is said, within one that holds it: from the innermost scope outwards."""
    found: list[Any] = []
    for scope in unit.scopes[0].chain() if unit.scopes else ():
        if scope in holder.scopes:
            break
        found.append((id(scope.span.source), scope.span.start))
    return tuple(found)


def items_said(unit: Unit | None) -> list[Any]:
    """Where in the file the items of a sequence are said."""
    if unit is None:
        return []
    return [
        said_in(child, unit) if isinstance(child, Unit) else (id(child.span.source), child.span.start)
        for child in unit.children
    ]


def said_together(groups: Sequence[list[Unit]]) -> list[list[Unit]]:
    """Sequences of equally many items that one place of the file says, or one block: as one group, in order."""
    found: dict[int, list[Unit]] = {}
    first: dict[Any, int] = {}
    for number, units in enumerate(groups):
        places: set[Any] = {
            (scope.span.start, id(scope.span.source), len(unit.children))
            for unit in units
            for scope in unit.scopes[-1:]
            if scope.kind is Kind.SEQ
        }
        places |= {(origin(unit), len(unit.children)) for unit in units if is_body(unit)}
        known = sorted({first[place] for place in places if place in first})
        into = known[0] if known else number
        found.setdefault(into, []).extend(units)
        for other in known[1:]:
            found[into] += found.pop(other)
        first = {place: into if at in known else at for place, at in first.items()} | dict.fromkeys(places, into)
    return [sorted(units, key=lambda unit: unit.first) for units in found.values()]


def class_title(units: Sequence[Unit], *, apart: bool = False) -> str:
    """What a class is named after: its block, its word, its label. With `apart`, others have the title that it had."""
    alike = len({unit.name for unit in units}) == 1
    labels = {stem(label)[0] for unit in units for label in _labels(unit)[:1]}
    if apart and len(labels) == 1 and not any(unit.binding for unit in units):
        return units[0].name if alike else labels.pop()
    titles = Counter(_title_of(unit, alike=alike, alone=len(units) == 1) for unit in units)
    if len(titles) > 1:
        del titles["Sequence"]  # any other says more
    return titles.most_common(1)[0][0]


def blocks_given(groups: Sequence[Sequence[Unit]]) -> list[str]:
    """What tells the calls of a block apart that need several classes: the name of the block each group is given.

    "" where that does not tell them apart.
    """
    if len(groups) == 1:
        return [""]
    bindings = [[unit.binding for unit in units] for units in groups]
    known = bindings[0][0]
    for name, value in known.parameters.items() if known is not None else ():
        if isinstance(value, Partial):
            given = [{_block(one and one.parameters.get(name)) for one in calls} for calls in bindings]
            names = [next(iter(found)) if len(found) == 1 else "" for found in given]
            known = [block for found in given for block in found]
            if len(set(known)) == len(known) and len(set(names)) == len(groups):
                return names
    return [""] * len(groups)


def _block(value: object) -> str:
    return value.definition.name if isinstance(value, Partial) else ""


def _labels(unit: Unit) -> list[str]:
    return [scope.label for scope in unit.scopes if scope.label and (not scope.title or scope.kind in PLACES)]


def _says_something(label: str) -> bool:
    """Whether it is a word, as `classifier` is, and no number or letter of a row."""
    return label.isalpha() and len(label) > 2


def _title_of(unit: Unit, *, alike: bool, alone: bool) -> str:
    if unit.binding is not None:
        return unit.binding.definition.name
    scope = unit.scopes[-1] if unit.scopes else None
    if scope is None:
        return unit.name
    if scope.kind is Kind.SEQ and scope.parent is not None and scope.parent.kind is Kind.WORD:
        return scope.parent.title
    if scope.label and alike and not scope.title:
        return scope.label
    if scope.kind in PLACES:
        return "stage" if not alone or not scope.label or not _says_something(scope.label) else scope.label
    titles = {"res": "Residual", "concat": "Branches", "add": "Sum", "mul": "Gate", "split": "Split", "seq": "Sequence"}
    return titles.get(scope.title, scope.title) or scope.label or scope.kind.value
