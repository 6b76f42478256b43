"""Repeats in a block whose count differs between its calls, rolled up: one step that goes round, and how often."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from archlang.emit import growth, optional, roll
from archlang.emit.bodies import Body, Ref, Step
from archlang.emit.forms import Form, Leaf, mapped
from archlang.emit.origins import items_said
from archlang.emit.roll import ROUNDS
from archlang.emit.units import Unit
from archlang.ir.scope import Kind, Scope
from archlang.record import record

_MEMBER = re.compile(r"self\.([A-Za-z_]\w*?)(\d+)\Z")


def bodies(units: Sequence[Unit], made: Sequence[Body]) -> list[Body]:
    """The same bodies, with the repeats whose count is not the same in all of them rolled up."""
    members = _members(units, made)
    regions = [_regions(unit, body) for unit, body in zip(units, members, strict=True)]
    if len({tuple(region.key for region in found) for found in regions}) != 1:
        return members
    differ = [len({region.count for region in column}) > 1 for column in zip(*regions, strict=True)]
    result = list(members)
    for at in reversed(range(len(differ))):  # from the end, so that the places of those before stay
        if not differ[at]:
            continue
        rolled = [_with_rounds(body, found[at]) for body, found in zip(result, regions, strict=True)]
        whole = [body for body in rolled if body is not None]
        if len(whole) < len(result):
            return members
        steps = [body.steps[found[at].start] for body, found in zip(whole, regions, strict=True)]
        known = any(name == steps[0].rest for body in result for name, _ in body.members)
        if known or len({step.key for step in steps}) > 1:
            return members
        grown = _grown(_completed(whole, steps), steps)
        if grown is None:
            return members
        result = grown
    return result


def _members(units: Sequence[Unit], made: Sequence[Body]) -> list[Body]:
    """Bodies whose sequences are rolled, or have options, where the lengths differ."""
    result = list(made)
    for name, _ in made[0].members:
        forms = [dict(body.members).get(name) for body in made]
        given = [one for one in forms if one is not None]
        rolled = roll.sequences(given) if len(given) == len(forms) else None
        rolled = rolled or optional.sequences(forms, lambda call, name=name: items_said(units[call].inner.get(name)))
        if rolled is not None:
            result = [
                replace(body, members=tuple((n, one if one and n == name else old) for n, old in body.members))
                for body, one in zip(result, rolled, strict=True)
            ]
    return result


def _completed(rolled: Sequence[Body], steps: Sequence[Step]) -> list[Body]:
    """Bodies whose repeat is one of `steps`, those that go once too with a form, of no value, for what they lack."""
    name = steps[0].rest
    model = next((one for body in rolled for known, one in body.members if known == name), None)
    result: list[Body] = []
    for body, step in zip(rolled, steps, strict=True):
        if model is None or name in dict(body.members):
            result.append(body)
            continue
        _, *others = mapped(model, lambda _, _leaf: Leaf(None)).args
        lacking = Form(ROUNDS, (("n", step.leaves[0]), *others))
        heads = roll.heads(model)
        place = 1 + max(number for number, (known, _) in enumerate(body.members) if known in heads)
        members = (*body.members[:place], (name, lacking), *body.members[place:])
        result.append(replace(body, members=members))
    return result


def _grown(rolled: Sequence[Body], steps: Sequence[Step]) -> list[Body] | None:
    """Bodies whose copies grow alike; None where they grow in some calls, and are of other values in others."""
    name = steps[0].rest
    forms = [dict(body.members) for body in rolled]
    if not all(name in known for known in forms):
        return list(rolled)
    rows = [[one for _, one in roll.round_of(known[name])[3]] for known in forms]
    if not any(growth.grows(one) for row in rows for one in row):
        return list(rolled)
    heads = [roll.heads(known[name]) for known in forms]
    counts = [step.leaves[0].value for step in steps]
    unified = growth.unified(
        [[known[head] for head in own] for known, own in zip(forms, heads, strict=True)], rows, counts
    )
    if unified is None:
        return None
    return [
        replace(body, members=tuple((n, roll.with_round(old, row) if n == name else old) for n, old in body.members))
        for body, row in zip(rolled, unified, strict=True)
    ]


@record
class _Region:
    """The steps `start` to `end` are `count` copies of one repeat; `key` says which."""

    key: Any
    start: int
    end: int
    count: int


def _regions(unit: Unit, body: Body) -> list[_Region]:
    """The repeats that stand directly in a unit, in order."""
    copies = [_copy(unit, step) for step in body.steps]
    found: list[_Region] = []
    at = 0
    while at < len(copies):
        copy = copies[at]
        end = at + 1
        if copy is not None:
            while end < len(copies) and (other := copies[end]) is not None and other.parent is copy.parent:
                end += 1
            seen = {id(one) for one in copies[at:end]}
            found.append(_Region((copy.span.start, id(copy.span.source)), at, end, len(seen)))
        at = end
    return found


def _copy(unit: Unit, step: Step) -> Scope | None:
    """The copy of a repeat that a step belongs to, the outermost within the unit."""
    if step.what is None or (isinstance(step.what, Unit) and not step.what.scopes):
        return None
    scope = step.what.scopes[0] if isinstance(step.what, Unit) else step.what.scope
    found: Scope | None = None
    for one in scope.chain():
        if one in unit.scopes:
            return found
        if one.kind is Kind.COPY:
            found = one
    return None


def _with_rounds(body: Body, region: _Region) -> Body | None:
    """The body with one step for all copies; None where they are no rounds, each of what the one before it made."""
    steps = body.steps[region.start : region.end]
    if len(steps) % region.count or body.indexed:
        return None
    period = len(steps) // region.count
    entering = next((ref for ref in steps[0].ins), None)
    own = _numbers(steps[:period])
    wired = None if entering is None else _wired(steps, region, period, entering)
    last = Ref(region.end - 1)
    outside = [ref for at, step in enumerate(body.steps) if at >= region.end for ref in step.ins] + list(body.outs)
    if own is None or wired is None or any(region.start <= ref.step < region.end and ref != last for ref in outside):
        return None
    assert entering is not None  # noqa: S101 - as it is wired
    if not all(_like(step, steps[at % period], at // period, own) for at, step in enumerate(steps)):
        return None
    members = _rolled_members(body, own, region.count)
    if members is None:
        return None
    one = Step(
        "", ("n",), None, (entering,), 1, (Leaf(region.count),), steps[-1].tensors, steps[-1].what,
        rounds=tuple(
            replace(step, ins=ins, member=_by_number(step.member, own))
            for step, ins in zip(steps[:period], wired, strict=True)
        ),
        first=own.first, by=own.by, rest=f"{own.names[0][0]}{ROUNDS}",
    )  # fmt: skip
    gone = region.end - region.start - 1
    after = [
        replace(step, ins=tuple(_moved(ref, region.end, gone) for ref in step.ins)) for step in body.steps[region.end :]
    ]
    outs = tuple(_moved(ref, region.end, gone) for ref in body.outs)
    return replace(body, members=members, steps=(*body.steps[: region.start], one, *after), outs=outs)


def _wired(steps: Sequence[Step], region: _Region, period: int, entering: Ref) -> list[tuple[Ref, ...]] | None:
    """What each step of a round reads: a step of it, or, as step -1, what the round before it made.

    None where the rounds differ in that, or read anything else.
    """
    found: list[tuple[Ref, ...]] = []
    for at, step in enumerate(steps):
        here = region.start + at // period * period
        before = entering if at < period else Ref(here - 1)
        ins = tuple(Ref(-1) if ref == before else Ref(ref.step - here, ref.port) for ref in step.ins)
        if step.outs != 1 or any(ref.step < 0 for ref, own in zip(ins, step.ins, strict=True) if own != before):
            return None
        if at >= period and ins != found[at % period]:
            return None
        found.append(ins)
    return found[:period]


@record
class _Numbers:
    """How members are numbered: each a stem and `times * i + at`, where `i` begins at `first` and steps by `by`."""

    names: tuple[tuple[str, int, int], ...]
    first: int
    by: int

    def of(self, number: int) -> list[str]:
        """The names in a round."""
        return [f"{stem}{times * (self.first + self.by * number) + at}" for stem, times, at in self.names]


def _numbers(steps: Sequence[Step]) -> _Numbers | None:
    """How the members are numbered, by those of the first round; None where it has none."""
    known = dict.fromkeys((m[1], int(m[2])) for step in steps if step.member and (m := _MEMBER.match(step.member)))
    each = Counter(stem for stem, _ in known)
    if not each:
        return None
    if len(set(each.values())) > 1:
        return _Numbers(tuple((stem, each[stem], number) for stem, number in known), 0, 1)
    first = min(number for _, number in known)
    return _Numbers(tuple((stem, 1, number - first) for stem, number in known), first, each.popitem()[1])


def _moved(ref: Ref, end: int, gone: int) -> Ref:
    return Ref(ref.step - gone, ref.port) if ref.step >= end - 1 else ref


def _like(step: Step, first: Step, number: int, own: _Numbers) -> bool:
    """Whether a step is that of the first copy, its member's number as much higher as the copy's is."""
    if (step.code, step.holes, step.leaves) != (first.code, first.holes, first.leaves):
        return False
    if step.member is None or first.member is None:
        return step.member == first.member
    template = _template(first.member, own)
    return template is not None and step.member == f"self.{roll.spelled_out(template, own.first + own.by * number)}"


def _template(member: str | None, own: _Numbers) -> str | None:
    """What makes a member's name of `i`."""
    match = _MEMBER.match(member or "")
    names = dict(zip(own.of(0), own.names, strict=True))
    known = None if match is None else names.get(f"{match[1]}{match[2]}")
    return None if known is None else roll.templated(*known)


def _by_number(member: str | None, own: _Numbers) -> str | None:
    template = _template(member, own)
    return None if template is None else f'getattr(self, f"{template}")'


def _rolled_members(body: Body, own: _Numbers, count: int) -> tuple[tuple[str, Form], ...] | None:
    """The members with those of the first copy, and one form for those of all others."""
    forms = dict(body.members)
    names = [own.of(number) for number in range(count)]
    rows = [[forms[name] for name in copy if name in forms] for copy in names]
    if any(len(row) != len(own.names) for row in rows):
        return None
    others = growth.rest(rows) if count > 1 else []
    if others is None or (own.by > 1 and any(map(growth.grows, others))):
        return None
    heads, gone = set(names[0]), {name for copy in names[1:] for name in copy}
    result: list[tuple[str, Form]] = []
    for name, one in body.members:
        if name in heads:
            heads.discard(name)
            result.append((name, one))
            if not heads and count > 1:
                templates = [roll.templated(*parts) for parts in own.names]
                made = list(zip(templates, others, strict=True))
                rest = roll.rounds(count, own.first + own.by, own.first, made, own.by)
                result.append((f"{own.names[0][0]}{ROUNDS}", rest))
        elif name not in gone:
            result.append((name, one))
    return tuple(result)
