"""Calls of one class that are alike, so that what can be said of them is worked out once.

Fifty calls of a block differ in a handful of ways. Two of them are alike where
they run the same steps, and every value, every width of a tensor and every
parameter around them is the same: then whatever says one says the other.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import Any

from archlang.emit.bodies import Body, Step
from archlang.emit.forms import Form, Leaf
from archlang.emit.merge import Merged
from archlang.emit.units import Unit
from archlang.ir.network import Shapes
from archlang.ir.scope import Binding


def alike(merged: Merged, shapes: Shapes) -> tuple[Merged, tuple[int, ...]]:
    """The distinct calls, in the order they first come, and for each call the number of the one it is like."""
    if len(merged.units) == 1:
        return merged, (0,)
    bindings: dict[int, Hashable] = {}
    numbers: dict[Hashable, int] = {}
    kept: list[int] = []
    stands_in: list[int] = []
    for call, (unit, body) in enumerate(zip(merged.units, merged.bodies, strict=True)):
        key = merged.places[call], _values(body, shapes), _around(unit, bindings)
        if key not in numbers:
            numbers[key] = len(kept)
            kept.append(call)
        stands_in.append(numbers[key])
    distinct = replace(
        merged,
        units=tuple(merged.units[call] for call in kept),
        bodies=tuple(merged.bodies[call] for call in kept),
        places=tuple(merged.places[call] for call in kept),
        runs=tuple(replace(run, present=tuple(run.present[call] for call in kept)) for run in merged.runs),
    )
    return distinct, tuple(stands_in)


def _values(body: Body, shapes: Shapes) -> Hashable:
    """Every value of a body, with its type, and the channels of every tensor that enters or is made."""
    found: list[Any] = [body.own]
    for name, one in body.members:
        found.append(name)
        _of_form(one, found)
    for step in body.steps:
        _of_step(step, found)
        found += [shapes[id_][0] if id_ in shapes else None for id_ in step.tensors]
    found += [shapes[id_][0] if id_ in shapes else None for id_ in body.reads]
    return tuple(found)


def _of_form(one: Form, found: list[Any]) -> None:
    for name, value in one.args:
        found.append(name)
        if isinstance(value, Leaf):
            found += (value.value.__class__, value.value)
        elif isinstance(value, Form):
            _of_form(value, found)


def _of_step(step: Step, found: list[Any]) -> None:
    for leaf in step.leaves:
        found += (leaf.value.__class__, leaf.value)
    for inner in step.rounds:
        _of_step(inner, found)


def _around(unit: Unit, known: dict[int, Hashable]) -> Hashable:
    """What the block that a unit is the body of was called with, and the blocks around it."""
    scopes = unit.scopes[-1].chain() if unit.scopes else ()
    found: list[Hashable] = []
    for scope in scopes:
        binding = scope.binding
        if binding is not None:
            if id(binding) not in known:
                known[id(binding)] = _given(binding)
            found.append(known[id(binding)])
    return tuple(found)


def _given(binding: Binding) -> Hashable:
    """Its definition, its parameters (those that are no plain values as what they are) and the channels that enter."""
    entering = binding.inputs[0] if binding.inputs else None
    values = tuple(
        (name, value.__class__, value if isinstance(value, bool | int | float | str) else id(value))
        for name, value in binding.parameters.items()
    )
    return id(binding.definition), values, None if entering is None else entering[0]
