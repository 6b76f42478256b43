"""Bodies that differ by whole runs of steps, present in one and absent in another, made one."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any

from archlang.emit.bodies import Body, Ref, Step
from archlang.emit.forms import Form, filled
from archlang.emit.numbered import said_at
from archlang.emit.units import Unit
from archlang.record import entity, record

_Place = tuple[int | None, ...]
"""For each step of a whole, the step of one body that it is."""


@record
class Run:
    """Steps `start` to `end` of the whole, which only some calls have: `present[call]`.

    Where it is absent, what would read its output `result` reads `instead`.
    """

    start: int
    end: int
    present: tuple[bool, ...]
    result: Ref
    instead: Ref


@entity
class Merged:
    """The whole, and for each call the step of its own that stands for each step of the whole."""

    whole: Body
    units: tuple[Unit, ...]
    bodies: tuple[Body, ...]
    places: tuple[_Place, ...]
    runs: tuple[Run, ...]


def split(merged: Merged) -> list[Merged]:
    """The same calls, those with equal bodies together."""
    groups: dict[Any, list[int]] = {}
    for number, body in enumerate(merged.bodies):
        groups.setdefault(body.key, []).append(number)
    found: list[Merged] = []
    for numbers in groups.values():
        bodies = tuple(merged.bodies[n] for n in numbers)
        places = tuple(tuple(range(len(body.steps))) for body in bodies)
        found.append(Merged(bodies[0], tuple(merged.units[n] for n in numbers), bodies, places, ()))
    return found


def aligned(merged: Merged) -> dict[str, list[Form | None]]:
    """For each member its form in each call, options filled in; None where a call lacks it."""
    table: dict[str, list[Form | None]] = {}
    forms = [dict(body.members) for body in merged.bodies]
    for name, _ in merged.whole.members:
        given = [form.get(name) for form in forms]
        full = iter(filled([one for one in given if one is not None]))
        table[name] = [None if one is None else next(full) for one in given]
    return table


def alone(unit: Unit, body: Body) -> Merged:
    """One call by itself."""
    runs: tuple[Run, ...] = ()
    return Merged(body, (unit,), (body,), (tuple(range(len(body.steps))),), runs)


def clusters(units: Sequence[Unit], bodies: Sequence[Body]) -> list[Merged]:
    """The calls of one block as few classes as their bodies allow, longest body first."""
    groups: dict[object, list[int]] = {}
    for number, body in enumerate(bodies):
        groups.setdefault(body.key, []).append(number)
    order = sorted(groups.values(), key=lambda calls: (-len(bodies[calls[0]].steps), calls[0]))
    found: list[list[list[int]]] = []
    for calls in order:
        for cluster in found:
            if _merged(units, bodies, [*cluster, calls]) is not None:
                cluster.append(calls)
                break
        else:
            found.append([calls])
    result = [_merged(units, bodies, cluster) for cluster in found]
    result.sort(key=lambda merged: min(u.first for u in merged.units) if merged else 0)
    return [merged for merged in result if merged is not None]


def _merged(units: Sequence[Unit], bodies: Sequence[Body], cluster: list[list[int]]) -> Merged | None:
    whole = bodies[cluster[0][0]]
    maps: list[_Place] = []
    model = units[cluster[0][0]]
    for calls in cluster:
        matched = _places(model, whole, units[calls[0]], bodies[calls[0]])
        if matched is None:
            return None
        maps.append(matched)
    members = sorted((number, at) for at, calls in enumerate(cluster) for number in calls)
    places = tuple(maps[at] for _, at in members)
    own = tuple(bodies[number] for number, _ in members)
    runs = _runs(whole, places, [(bodies[calls[0]], place) for calls, place in zip(cluster, maps, strict=True)])
    if runs is None:
        return None
    return Merged(whole, tuple(units[number] for number, _ in members), own, places, runs)


def _places(model: Unit, whole: Body, unit: Unit, part: Body) -> _Place | None:
    """For each step of the whole the step of the part that it is; None if the part has more than the whole."""
    if len(whole.reads) != len(part.reads) or len(whole.outs) != len(part.outs) or whole.indexed != part.indexed:
        return None
    if whole.indexed and len(whole.members) != len(part.members):
        return None
    forms = dict(whole.members)
    for name, one in part.members:
        if name not in forms or forms[name].shape != one.shape:
            return None
    if whole is part:
        return tuple(range(len(whole.steps)))
    keys = [[step.key for step in body.steps] for body in (whole, part)]
    said = [
        [(said_at(one, step), key) for step, key in zip(body.steps, steps, strict=True)]
        for one, body, steps in zip((model, unit), (whole, part), keys, strict=True)
    ]
    return _matched(*said) or _matched(*keys)  # one layer of the file is itself before it is another like it


def _matched(whole: Sequence[object], part: Sequence[object]) -> _Place | None:
    places: list[int | None] = [None] * len(whole)
    blocks = SequenceMatcher(None, whole, part, autojunk=False).get_matching_blocks()
    for block in blocks:
        for offset in range(block.size):
            places[block.a + offset] = block.b + offset
    return tuple(places) if sum(block.size for block in blocks) == len(part) else None


def _runs(whole: Body, places: Sequence[_Place], distinct: Sequence[tuple[Body, _Place]]) -> tuple[Run, ...] | None:
    present = [tuple(place[at] is not None for place in places) for at in range(len(whole.steps))]
    instead = _replacements(whole, distinct)
    if instead is None:
        return None
    runs: list[Run] = []
    at = 0
    while at < len(present):
        if all(present[at]):
            at += 1
            continue
        end = at
        while end < len(present) and present[end] == present[at]:
            end += 1
        if any(step.rounds for step in whole.steps[at:end]):
            return None
        read = {ref for ref in instead if at <= ref.step < end}
        outside = {
            ref
            for number, step in enumerate(whole.steps)
            if not at <= number < end
            for ref in step.ins
            if at <= ref.step < end
        } | {ref for ref in whole.outs if at <= ref.step < end}
        if len(outside) != 1 or read != outside:
            return None
        (result,) = outside
        if instead[result].step >= at:
            return None
        runs.append(Run(at, end, present[at], result, instead[result]))
        at = end
    return tuple(runs)


def _replacements(whole: Body, distinct: Sequence[tuple[Body, _Place]]) -> dict[Ref, Ref] | None:
    """For each tensor of the whole that a call lacks, what it reads in its place; None if wirings disagree."""
    instead: dict[Ref, Ref] = {}
    for body, place in distinct:
        back = {own: at for at, own in enumerate(place) if own is not None}
        pairs = list(zip(whole.outs, body.outs, strict=True))
        for at, own in enumerate(place):
            if own is not None:
                mine: Step = body.steps[own]
                theirs = whole.steps[at]
                if len(mine.ins) != len(theirs.ins):
                    return None
                pairs += zip(theirs.ins, mine.ins, strict=True)
        for wanted, ref in pairs:
            real = ref if ref.step < 0 else Ref(back[ref.step], ref.port)
            if wanted == real:
                continue
            if wanted.step < 0 or place[wanted.step] is not None:
                return None
            if instead.setdefault(wanted, real) != real:
                return None
    return instead
