"""Repeats that go not even once in some calls of a block: such a call is given a step that goes no round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from archlang.emit.bodies import Body, Ref, Step
from archlang.emit.numbered import renamed, said_at
from archlang.emit.units import Unit
from archlang.record import record


@record
class Region:
    """The steps `start` to `end` are `count` copies of one repeat; `key` says which.

    Where it goes not even once, they are one step that hands on what it reads.
    """

    key: Any
    start: int
    end: int
    count: int


Regions = Sequence[Region]


def supplied(
    units: Sequence[Unit], made: Sequence[Body], found: Sequence[Regions]
) -> tuple[list[Body], list[list[Region]]] | None:
    """The same bodies and their regions, where each call has the same; None where they have no common order."""
    counts: dict[Any, set[int]] = {}
    for regions in found:
        if len({region.key for region in regions}) < len(regions):
            return None
        for region in regions:
            counts.setdefault(region.key, set()).add(region.count)
    longest = [region.key for region in max(found, key=len)]
    order = longest if len(longest) == len(counts) else _by_place(list(counts))
    lacked = [key for key in counts if any(key not in _by_key(regions) for regions in found)]
    if order is None or any(len(counts[key]) < 2 for key in lacked):  # there or not: that is no count
        return None
    if any([key for key in order if key in _by_key(regions)] != [r.key for r in regions] for regions in found):
        return None
    bodies, placed = list(made), [list(regions) for regions in found]
    for call, unit in enumerate(units):
        for at, key in enumerate(order):
            if key not in _by_key(placed[call]):
                model = max(
                    (n for n, regions in enumerate(found) if key in _by_key(regions)),
                    key=lambda n: _by_key(found[n])[key].count,
                )
                one = _with_none(unit, bodies[call], placed[call], units[model], made[model], found[model], key)
                if one is None:
                    return None
                bodies[call], region = one
                later = [replace(r, start=r.start + 1, end=r.end + 1) for r in placed[call][at:]]
                placed[call] = [*placed[call][:at], region, *later]
    return bodies, placed


def _by_key(regions: Regions) -> dict[Any, Region]:
    return {region.key: region for region in regions}


def _by_place(keys: Sequence[tuple[int, int]]) -> list[tuple[int, int]] | None:
    """By where they begin in one file; None where they are of several."""
    return sorted(keys) if len({source for _, source in keys}) == 1 else None


def _with_none(
    unit: Unit, body: Body, regions: Regions, like: Unit, model: Body, others: Regions, key: Any
) -> tuple[Body, Region] | None:
    """The body with a step for a repeat that it lacks, where `model` has it, and that step as a region."""
    region = _by_key(others)[key]
    own = _Places(unit, body, regions)
    theirs = _Places(like, model, others)
    after = (own.at.get(theirs.of[step]) for step in range(region.end, len(model.steps)))
    start = next((steps[0] for steps in after if steps), len(body.steps))
    read = model.steps[region.start].ins[:1]
    entering = own.ref(read[0], theirs) if read else None
    if entering is None or entering.step >= start:
        return None
    result = Ref(region.end - 1)

    def told(ref: Ref, asked: Ref | None) -> Ref:
        moved = Ref(ref.step + 1, ref.port) if ref.step >= start else ref
        return Ref(start) if asked == result and ref == entering else moved

    later: list[Step] = []
    names: dict[str, str] = {}
    for number, step in enumerate(body.steps[start:], start):
        asked = own.match(number, theirs)
        ins = asked.ins if asked is not None and len(asked.ins) == len(step.ins) else (None,) * len(step.ins)
        if asked is not None and step.way and asked.way and step.way[0] != asked.way[0]:
            names[step.way[0]] = asked.way[0]  # the repeat is numbered before it
        later.append(replace(step, ins=tuple(told(*pair) for pair in zip(step.ins, ins, strict=True))))
    given = body.reads[entering.port] if entering.step < 0 else body.steps[entering.step].tensors[entering.port]
    none = Step("{x}", (), None, (entering,), 1, (), (given,))
    outs = model.outs if len(model.outs) == len(body.outs) else (None,) * len(body.outs)
    told_outs = tuple(told(*pair) for pair in zip(body.outs, outs, strict=True))
    whole = replace(body, steps=(*body.steps[:start], none, *later), outs=told_outs)
    free = len({names.get(name, name) for name, _ in whole.members}) == len(whole.members)
    return renamed(whole, names) if names and free else whole, Region(key, start, start + 1, 0)


class _Places:
    """Where in the file each step of a body is said, and the steps that are said at each place, in order."""

    def __init__(self, unit: Unit, body: Body, regions: Regions) -> None:
        self.body, self.regions = body, regions
        self.of = [said_at(unit, step) for step in body.steps]
        self.at: Mapping[Any, list[int]] = {}
        for number, place in enumerate(self.of):
            if place:
                self.at.setdefault(place, []).append(number)

    def match(self, number: int, theirs: _Places) -> Step | None:
        """What stands in another body for a step of this one."""
        steps = self.at.get(self.of[number], [])
        others = theirs.at.get(self.of[number], [])
        nth = steps.index(number) if number in steps else 0
        return theirs.body.steps[others[nth]] if nth < len(others) else None

    def ref(self, theirs_ref: Ref, theirs: _Places) -> Ref | None:
        """The tensor of this body that one of another is: the last that is said there, or what a repeat hands on."""
        if theirs_ref.step < 0:
            return theirs_ref
        steps = self.at.get(theirs.of[theirs_ref.step])
        if steps:
            return Ref(steps[-1], theirs_ref.port)
        around = next((r for r in theirs.regions if r.start <= theirs_ref.step < r.end), None)
        none = None if around is None else _by_key(self.regions).get(around.key)
        return None if none is None or none.count else Ref(none.start)
