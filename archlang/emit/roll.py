"""Repeats whose count differs between the calls of a class, rolled up: one round, and how often it goes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from archlang.emit import optional
from archlang.emit.bodies import Body, Ref, Step
from archlang.emit.fold import LONGEST
from archlang.emit.forms import Form, Leaf, Raw, leaves, mapped
from archlang.emit.units import Unit
from archlang.ir.scope import Kind, Scope
from archlang.record import record

ROUNDS = "*"
"""What a rolled form is called by. Its arguments are the count `n`, the ends of `range(start, n + more)`, and the forms
of a round, named by their members' names less the number."""

_MEMBER = re.compile(r"self\.([A-Za-z_]\w*?)(\d+)\Z")
_LONGEST_TAIL = 4


def rounds(count: int, start: int, more: int, forms: Sequence[tuple[str | None, Form]]) -> Form:
    """`forms` for each number in `range(start, count + more)`."""
    return Form(ROUNDS, (("n", Leaf(count)), (None, Raw(str(start))), (None, Raw(str(more))), *forms))


def joined(members: Sequence[tuple[str, Form]]) -> list[tuple[str, Form]]:
    """The members of a class; first copies that are as all the others are made in their loop."""
    result: list[tuple[str, Form]] = []
    for name, one in members:
        if one.function == ROUNDS:
            count, start, more, *forms = one.args
            first = int(start[1].text) - 1 if isinstance(start[1], Raw) else 0
            if result[-len(forms) :] == [(f"{stem}{first}", form) for stem, form in forms]:
                del result[-len(forms) :]
                one = Form(ROUNDS, (count, (None, Raw(str(first))), more, *forms))  # noqa: PLW2901 - the same, from the first
        result.append((name, one))
    return result


# ---- sequences -----------------------------------------------------------------


def sequences(forms: Sequence[Form]) -> list[Form] | None:
    """The same `nn.Sequential` calls, each with its repeat rolled; None where they have no repeat in common."""
    if any(one.function != "nn.Sequential" or one.ordered for one in forms):
        return None
    rows = [[value for _, value in one.args if isinstance(value, Form)] for one in forms]
    if len({len(row) for row in rows}) < 2:
        return None
    shortest = min(map(len, rows))
    for period in range(1, LONGEST + 1):
        for head in (0, period):
            for tail in range(_LONGEST_TAIL + 1):
                if head + tail <= shortest and (found := _rolled(rows, period, head, tail)) is not None:
                    return found
    return None


def _rolled(rows: Sequence[list[Form]], period: int, head: int, tail: int) -> list[Form] | None:
    middles = [row[head : len(row) - tail] for row in rows]
    ends = [[one.shape for one in (*row[:head], *row[len(row) - tail :])] for row in rows]
    if any(len(middle) % period for middle in middles) or any(end != ends[0] for end in ends):
        return None
    longest = max(middles, key=len)
    if len(longest) < 2 * period:  # nothing is repeated: it is there or it is not
        return None
    model = longest[:period]
    shapes = [one.shape for one in model]
    for middle in middles:
        for at, one in enumerate(middle):
            if one.shape != shapes[at % period] or _values(one) != _values(middle[at % period]):
                return None
    first = int(head > 0 and [one.shape for one in rows[0][:head]] == shapes)
    found: list[Form] = []
    for row, middle in zip(rows, middles, strict=True):
        round_ = middle[:period] or [mapped(one, lambda _, _leaf: Leaf(None)) for one in model]  # lacks it
        items = [
            *row[:head],
            rounds(len(middle) // period + first, 0, -first, [(None, one) for one in round_]),
            *row[len(row) - tail :],
        ]
        found.append(Form("nn.Sequential", tuple((None, one) for one in items)))
    return found


def _values(one: Form) -> list[Any]:
    return [(type(leaf.value), leaf.value) for _, _, leaf in leaves(one)]


# ---- bodies ---------------------------------------------------------------------


def bodies(units: Sequence[Unit], made: Sequence[Body]) -> list[Body]:
    """The same bodies, with the repeats whose count is not the same in all of them rolled up."""
    members = _members(made)
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
        result = _completed(whole, steps)
    return result


def _members(made: Sequence[Body]) -> list[Body]:
    """Bodies whose sequences are rolled, or have options, where the lengths differ."""
    result = list(made)
    for name, _ in made[0].members:
        forms = [dict(body.members).get(name) for body in made]
        given = [one for one in forms if one is not None]
        rolled = sequences(given) if len(given) == len(forms) else None
        rolled = rolled or optional.sequences(forms)
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
        heads = [f"{stem}{step.first}" for stem, _ in model.args[3:]]
        place = 1 + max(number for number, (known, _) in enumerate(body.members) if known in heads)
        members = (*body.members[:place], (name, lacking), *body.members[place:])
        result.append(replace(body, members=members))
    return result


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
    """The body with one step for all copies; None where they are no plain chain of like rounds."""
    steps = body.steps[region.start : region.end]
    if len(steps) % region.count or not steps[0].ins or body.indexed:
        return None
    period = len(steps) // region.count
    entering = steps[0].ins
    for at, step in enumerate(steps):
        before = entering if at == 0 else (Ref(region.start + at - 1),)
        if (
            step.ins != before
            or step.outs != 1
            or len(before) != 1
            or not _like(step, steps[at % period], at // period)
        ):
            return None
    last = Ref(region.end - 1)
    outside = [ref for at, step in enumerate(body.steps) if at >= region.end for ref in step.ins] + list(body.outs)
    if any(region.start <= ref.step < region.end and ref != last for ref in outside):
        return None
    numbers = [(m[1], int(m[2])) for step in steps[:period] if step.member and (m := _MEMBER.match(step.member))]
    if not numbers or len({stem for stem, _ in numbers}) < len(numbers) or len({n for _, n in numbers}) > 1:
        return None
    members = _rolled_members(body, [stem for stem, _ in numbers], numbers[0][1], region.count)
    if members is None:
        return None
    one = Step(
        "", ("n",), None, entering, 1, (Leaf(region.count),), steps[-1].tensors, steps[-1].what,
        rounds=tuple(replace(step, ins=(), member=_by_number(step.member)) for step in steps[:period]),
        first=numbers[0][1], rest=f"{numbers[0][0]}{ROUNDS}",
    )  # fmt: skip
    gone = region.end - region.start - 1
    after = [
        replace(step, ins=tuple(_moved(ref, region.end, gone) for ref in step.ins)) for step in body.steps[region.end :]
    ]
    outs = tuple(_moved(ref, region.end, gone) for ref in body.outs)
    return replace(body, members=members, steps=(*body.steps[: region.start], one, *after), outs=outs)


def _moved(ref: Ref, end: int, gone: int) -> Ref:
    return Ref(ref.step - gone, ref.port) if ref.step >= end - 1 else ref


def _like(step: Step, first: Step, number: int) -> bool:
    """Whether a step is that of the first copy, its member's number as much higher as the copy's."""
    if (step.code, step.holes, step.leaves) != (first.code, first.holes, first.leaves):
        return False
    if step.member is None or first.member is None:
        return step.member == first.member
    own, other = _MEMBER.match(step.member), _MEMBER.match(first.member)
    return own is not None and other is not None and (own[1], int(own[2])) == (other[1], int(other[2]) + number)


def _by_number(member: str | None) -> str | None:
    match = _MEMBER.match(member or "")
    return None if match is None else f'getattr(self, f"{match[1]}{{i}}")'


def _rolled_members(body: Body, stems: Sequence[str], first: int, count: int) -> tuple[tuple[str, Form], ...] | None:
    """The members with those of the first copy, and one form for those of all others."""
    forms = dict(body.members)
    copies = [[forms.get(f"{stem}{first + number}") for stem in stems] for number in range(count)]
    rows = [[one for one in copy if one is not None] for copy in copies]
    if any(len(row) != len(stems) for row in rows):
        return None
    alike = [[(one.shape, _values(one)) for one in row] for row in rows]
    if any(other != alike[1] for other in alike[2:]) or (count > 1 and _shapes(rows[0]) != _shapes(rows[1])):
        return None
    heads = {f"{stem}{first}" for stem in stems}
    gone = {f"{stem}{first + number}" for stem in stems for number in range(1, count)}
    result: list[tuple[str, Form]] = []
    for name, one in body.members:
        if name in heads:
            heads.discard(name)
            result.append((name, one))
            if not heads and count > 1:
                result.append(
                    (f"{stems[0]}{ROUNDS}", rounds(count, first + 1, first, list(zip(stems, rows[1], strict=True))))
                )
        elif name not in gone:
            result.append((name, one))
    return tuple(result)


def _shapes(row: Sequence[Form]) -> list[Any]:
    return [one.shape for one in row]
