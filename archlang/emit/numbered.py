"""Members whose number hangs on what comes before them: the convolution after `n` others is `conv{n + 1}`.

The calls of a block agree in what such a layer is, and in where the file says
it, but not in its name. It goes by the name it has in the longest of them until
the class is made; then the name is worked out from what the class knows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import combinations
from typing import Any

from archlang.emit import expr as ex
from archlang.emit.bodies import Body, Step
from archlang.emit.expr import Bin, Expr, Lit, Var
from archlang.emit.fold import stem
from archlang.emit.names import attribute
from archlang.emit.units import Unit
from archlang.ir.scope import Scope


def renumbered(units: Sequence[Unit], bodies: Sequence[Body]) -> list[Body]:
    """The same bodies, their members by the names that the longest has for them; as they are where that fails."""
    whole = max(range(len(bodies)), key=lambda at: (len(bodies[at].steps), _highest(bodies[at])))
    model = [_place(units[whole], step) for step in bodies[whole].steps]
    known: dict[Any, dict[str, str] | None] = {}
    result: list[Body] = []
    for unit, body in zip(units, bodies, strict=True):
        places = [_place(unit, step) for step in body.steps]
        key = body.key, tuple(places)
        if key not in known:
            known[key] = _names(bodies[whole], model, body, places)
        names = known[key]
        if names is None:
            return list(bodies)
        result.append(renamed(body, names) if names else body)
    return result


def _highest(body: Body) -> int:
    return sum(stem(name)[1] or 0 for name, _ in body.members)


def said_at(unit: Unit, step: Step) -> tuple[Any, ...]:
    """Where in the file a step of a unit is said: from the innermost scope outwards, then the layer itself."""
    if step.what is None or step.rounds:  # copies are said together
        return ()
    scopes = step.what.scopes[:1] if isinstance(step.what, Unit) else [step.what.scope]
    inside = [place for scope in scopes for place in _around(unit, scope)]
    return (*inside, None if isinstance(step.what, Unit) else step.what.span.start)


def _around(unit: Unit, scope: Scope | None) -> tuple[int, ...]:
    """Where in the file a scope within a unit begins, and those around it; worked out once for all it holds."""
    if scope is None:
        return ()
    known = unit.said.get(id(scope))
    if known is None:
        known = _around(unit, scope.parent)
        if scope not in unit.scopes and (not unit.scopes or scope.path.startswith(unit.path)):
            known = (scope.span.start, *known)
        unit.said[id(scope)] = known
    return known


def _place(unit: Unit, step: Step) -> Any:
    """Where in the file a step is said, and what it does, whatever the number of its member."""
    rounds = step.rounds, step.first, step.before
    return said_at(unit, step), step.code, step.holes, stem(step.member or "")[0], step.outs, rounds


def _names(whole: Body, model: Sequence[Any], body: Body, places: Sequence[Any]) -> dict[str, str] | None:
    """For each member its name in the whole, where that is another; None if the two do not go together."""
    found: dict[str, str] = {}
    blocks = SequenceMatcher(None, model, places, autojunk=False).get_matching_blocks()
    if sum(block.size for block in blocks) < len(places):
        return None
    for block in blocks:
        for offset in range(block.size):
            own, other = body.steps[block.b + offset].way, whole.steps[block.a + offset].way
            if (
                len(own) != len(other)
                or own[1:] != other[1:]
                or (own and found.setdefault(own[0], other[0]) != other[0])
            ):
                return None
    names = [found.get(name, name) for name, _ in body.members]
    if len(set(names)) < len(names):
        return None
    return {own: other for own, other in found.items() if own != other}


def renamed(body: Body, names: Mapping[str, str]) -> Body:
    """The body, members by other names; those of the graph are kept as its own."""

    def step(one: Step) -> Step:
        if not one.way or one.way[0] not in names:
            return one
        name = names[one.way[0]]
        member = (one.member or "").replace(attribute("self", one.way[0]), attribute("self", name), 1)
        return replace(one, member=member, way=(name, *one.way[1:]))

    members = tuple((names.get(name, name), one) for name, one in body.members)
    before = dict(body.own)
    own = tuple((other, before.pop(name, name)) for name, other in names.items())
    return replace(body, members=members, steps=tuple(map(step, body.steps)), own=(*before.items(), *own))


def own_names(
    bodies: Sequence[Body], stored: Mapping[str, Expr], env: Callable[[int], Mapping[str, Any]]
) -> dict[str, str] | None:
    """What members that go by another name are printed as: a name, or an f-string of the class's attributes.

    None where no attribute of `stored` says it in every call; `env` gives what an argument is worth in a call.
    """
    columns: dict[str, list[str | None]] = {}
    for name in dict.fromkeys(name for body in bodies for name, _ in body.own):
        given = [dict(body.own).get(name, name) if name in dict(body.members) else None for body in bodies]
        columns[name] = given
    found: dict[str, str] = {}
    for name, column in columns.items():
        known = {own for own in column if own is not None}
        if len(known) == 1:
            found[name] = known.pop()
            continue
        said = _said(column, stored, env)
        if said is None:
            return None
        found[name] = f'f"{stem(known.pop())[0]}{{{ex.text(said)}}}"'
    return found


def _said(
    column: Sequence[str | None], stored: Mapping[str, Expr], env: Callable[[int], Mapping[str, Any]]
) -> Expr | None:
    """A number of each name as some attribute, or the sum of two, times a constant and plus another."""
    numbers = {call: stem(own)[1] or 0 for call, own in enumerate(column) if own is not None}
    known: list[tuple[Expr, dict[int, int]]] = []
    for name, said in stored.items():
        worth = {call: ex.value(said, env(call)) for call in numbers}
        if all(isinstance(value, int) for value in worth.values()):
            known.append((Var(f"self.{name}"), {call: int(value) for call, value in worth.items()}))
    sums = [
        (Bin("+", a, b), {call: x[call] + y[call] for call in numbers}) for (a, x), (b, y) in combinations(known, 2)
    ]
    for said, worth in (*known, *sums):
        pairs = sorted({(worth[call], number) for call, number in numbers.items()})
        (low, first), (high, last) = pairs[0], pairs[-1]
        by = (last - first) // (high - low) if high != low else 0
        rest = first - by * low
        if by > 0 and rest > 0 and all(number == by * value + rest for value, number in pairs):
            return ex.join("+", ex.join("*", Lit(by), said), Lit(rest))
    return None


def at_hand(name: str, stored: Mapping[str, Expr]) -> str:
    """An f-string of the class's attributes as `__init__` says it, which has the arguments that they are set to."""

    def said(match: re.Match[str]) -> str:
        worth = stored.get(match[1])
        return worth.name if isinstance(worth, Var) else match[0]

    return re.sub(r"self\.(\w+)", said, name) if name.startswith('f"') else name


def reached(step: Step, names: Mapping[str, str]) -> Step:
    """The step, its member reached by the name that the class has for it."""
    if not step.way or step.way[0] not in names:
        return step
    old, new = attribute("self", step.way[0]), attribute("self", names[step.way[0]])
    return replace(step, member=(step.member or "").replace(old, new, 1), way=(names[step.way[0]], *step.way[1:]))
