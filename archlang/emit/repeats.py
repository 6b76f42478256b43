"""Repeats in a block whose count differs between its calls, rolled up: one step that goes round, and how often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from archlang.emit import growth, optional, roll
from archlang.emit.absent import Region, supplied
from archlang.emit.bodies import Body, Ref, Step
from archlang.emit.forms import Form, Leaf
from archlang.emit.ordinals import Numbers, before, numbers
from archlang.emit.origins import items_said
from archlang.emit.roll import ROUNDS
from archlang.emit.units import Unit
from archlang.ir.scope import Kind, Scope
from archlang.record import record


def bodies(units: Sequence[Unit], made: Sequence[Body], *, listed: bool = False) -> list[Body]:
    """The same bodies, with the repeats whose count is not the same in all of them rolled up.

    With `listed`, whatever differs between the copies is a list, and repeats of one count are rolled up too.
    """
    members = _members(units, made)
    regions = [_regions(unit, body) for unit, body in zip(units, members, strict=True)]
    if len({tuple(region.key for region in found) for found in regions}) != 1:
        whole = supplied(units, members, regions)
        return members if whole is None else _all_rolled(*whole, listed=listed) or members
    return _all_rolled(members, regions, listed=listed) or members


def _all_rolled(members: Sequence[Body], regions: Sequence[Sequence[Region]], *, listed: bool) -> list[Body] | None:
    """Bodies that have the same repeats, those rolled up that differ in their count; None where one cannot be."""
    columns = [
        column
        for column in zip(*regions, strict=True)
        if len({region.count for region in column}) > 1 or (listed and column[0].count > 1)
    ]
    result: list[Body] | None = list(members)
    for at in reversed(range(len(columns))):  # from the end, so that the places of those before stay
        if result is not None:
            result = _rolled(result, columns[:at], columns[at], by_round=False, listed=listed) or _rolled(
                result, columns[:at], columns[at], by_round=True, listed=listed
            )
    return result


def _members(units: Sequence[Unit], made: Sequence[Body]) -> list[Body]:
    """Bodies whose sequences are rolled, or have options, where the lengths differ."""
    result = list(made)
    for name, _ in made[0].members:
        forms = [dict(body.members).get(name) for body in made]
        given = [one for one in forms if one is not None]

        def said(call: int, name: str = name) -> list[Any]:
            return items_said(units[call].inner.get(name))

        rolled = roll.sequences(given, said) if len(given) == len(forms) else None
        rolled = rolled or optional.sequences(forms, said)
        if rolled is not None:
            result = [
                replace(body, members=tuple((n, one if one and n == name else old) for n, old in body.members))
                for body, one in zip(result, rolled, strict=True)
            ]
    return result


def _rolled(
    made: Sequence[Body],
    earlier: Sequence[Sequence[Region]],
    column: Sequence[Region],
    *,
    by_round: bool,
    listed: bool,
) -> list[Body] | None:
    """The bodies with one step for all copies of a repeat, `column` being where each has them; None where that fails.

    `earlier` are the repeats before it whose count differs too: numbers that go on after them hang on it.
    """
    firsts = [_round(made, one) for one in earlier]
    before = [
        [(one[call].count, steps) for one, steps in zip(earlier, firsts, strict=True)] for call in range(len(made))
    ]
    some = [call for call, region in enumerate(column) if region.count]
    rolled = {call: _rounds(made[call], column[call], before[call], by_round=by_round) for call in some}
    model = rolled[some[0]]
    if model is None or any(one is None or one.step.key != model.step.key for one in rolled.values()):
        return None
    found = [rolled.get(call) or _none(made[call], column[call], model, before[call]) for call in range(len(made))]
    rest = growth.rest([one.rows for one in found], listed=listed)
    if any(
        not one.rows and any(name in dict(body.members) for name in one.heads.values())
        for body, one in zip(made, found, strict=True)
    ):
        return None  # a layer that is said after it has that name
    if rest is None or (model.step.by > 1 and any(map(growth.grows, rest[0]))):
        return None
    return [_with_rounds(body, one, forms) for body, one, forms in zip(made, found, rest, strict=True)]


def _regions(unit: Unit, body: Body) -> list[Region]:
    """The repeats that stand directly in a unit, in order."""
    copies = [_copy(unit, step) for step in body.steps]
    found: list[Region] = []
    at = 0
    while at < len(copies):
        copy = copies[at]
        end = at + 1
        if copy is not None:
            while end < len(copies) and (other := copies[end]) is not None and other.parent is copy.parent:
                end += 1
            seen = {id(one) for one in copies[at:end]}
            found.append(Region((copy.span.start, id(copy.span.source)), at, end, len(seen)))
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


@record
class _Rounds:
    """A repeat of one body as `step`; `rows` are the forms of its members in each copy.

    `heads` are the names of those of the first copy, and what they go by: where they are not numbered alike in all
    calls, as many members being in the repeats `before`, that is no name of theirs.
    """

    region: Region
    step: Step
    own: Numbers
    heads: dict[str, str]
    rows: tuple[tuple[Form, ...], ...]
    before: int

    @property
    def names(self) -> list[list[str]]:
        """The names of the members in each copy."""
        return [self.own.of(number) for number in range(self.region.count)]


def _rounds(
    body: Body, region: Region, earlier: Sequence[tuple[int, Sequence[Step]]], *, by_round: bool
) -> _Rounds | None:
    """One step for all copies; None where they are no rounds, each of what the one before it made.

    `earlier` are the counts of repeats before it, and the steps of a copy.
    """
    steps = body.steps[region.start : region.end]
    if len(steps) % region.count or body.indexed:
        return None
    period = len(steps) // region.count
    entering = next((ref for ref in steps[0].ins), None)
    own = numbers(steps[:period], by_round=by_round)
    wired = None if entering is None else _wired(steps, region, period, entering)
    last = Ref(region.end - 1)
    outside = [ref for at, step in enumerate(body.steps) if at >= region.end for ref in step.ins] + list(body.outs)
    if own is None or wired is None or any(region.start <= ref.step < region.end and ref != last for ref in outside):
        return None
    assert entering is not None  # noqa: S101 - as it is wired
    if not all(own.like(step, steps[at % period], at // period) for at, step in enumerate(steps)):
        return None
    forms = dict(body.members)
    rows = tuple(tuple(forms[name] for name in own.of(copy) if name in forms) for copy in range(region.count))
    if any(len(row) != len(own.names) for row in rows):
        return None
    known = [(at, numbers(copy, by_round=False)) for at, (_, copy) in enumerate(earlier)]
    preceding = before([(at, one) for at, one in known if one is not None], own)
    if preceding is None or (preceding and by_round):
        return None
    already = sum(each * earlier[at][0] for at, each in preceding)
    rest = f"{own.names[0][0]}{ROUNDS}{len(earlier)}"
    heads = {name: f"{rest}.{at}" if preceding else name for at, name in enumerate(own.of(0))}
    one = Step(
        "", ("n",), None, (entering,), 1, (Leaf(region.count),), steps[-1].tensors, steps[-1].what,
        rounds=tuple(
            replace(step, ins=ins, member=_by_number(step.member, own), way=tuple(heads[name] for name in step.way))
            for step, ins in zip(steps[:period], wired, strict=True)
        ),
        first=own.first - already, by=own.by, before=preceding, rest=rest,
    )  # fmt: skip
    return _Rounds(region, one, own, heads, rows, already)


def _none(body: Body, region: Region, model: _Rounds, earlier: Sequence[tuple[int, Sequence[Step]]]) -> _Rounds:
    """The repeat of another body in one where it goes not even once."""
    given = body.steps[region.start]
    step = replace(model.step, ins=given.ins, leaves=(Leaf(0),), tensors=given.tensors, what=given.what)
    return replace(model, region=region, step=step, rows=(), before=sum(n * earlier[at][0] for at, n in step.before))


def _round(made: Sequence[Body], column: Sequence[Region]) -> tuple[Step, ...]:
    """The steps of the first copy of a repeat, in a body that has one."""
    body, region = next(one for one in zip(made, column, strict=True) if one[1].count)
    return body.steps[region.start : region.start + (region.end - region.start) // region.count]


def _with_rounds(body: Body, one: _Rounds, rest: Sequence[Form]) -> Body:
    """The body with one step for all copies, and one form, of `rest`, for the members of all but the first."""
    region, step, heads, names = one.region, one.step, one.heads, one.names
    gone = region.end - region.start - 1
    after = [
        replace(step, ins=tuple(_moved(ref, region.end, gone) for ref in step.ins)) for step in body.steps[region.end :]
    ]
    outs = tuple(_moved(ref, region.end, gone) for ref in body.outs)
    templates = [roll.templated(*parts) for parts in one.own.names]
    others = roll.rounds(
        region.count, step.first + step.by, step.first, list(zip(templates, rest, strict=True)), step.by,
        before=one.before, heads=tuple(heads.values()) if step.before else (),
    )  # fmt: skip
    if not region.count:
        return _with_none(
            replace(body, steps=(*body.steps[: region.start], step, *after), outs=outs), one, rest, others
        )
    copies = {name for copy in names[1:] for name in copy}
    left = set(names[0])
    members: list[tuple[str, Form]] = []
    for name, form in body.members:
        if name in heads:
            members.append((heads[name], form))
            left.discard(name)
            if not left:
                members.append((step.rest, others))
        elif name not in copies:
            members.append((name, form))
    own = tuple((given, name) for name, given in heads.items() if given != name)
    steps = (*body.steps[: region.start], step, *after)
    return replace(body, members=tuple(members), steps=steps, outs=outs, own=(*body.own, *own))


def _with_none(body: Body, one: _Rounds, rest: Sequence[Form], others: Form) -> Body:
    """The body with the members of a repeat that it goes through not even once: they have no value in it."""
    reached = {step.way[0] for step in body.steps[: one.region.start] if step.way}
    reached |= {step.rest for step in body.steps[: one.region.start] if step.rest}
    at = max((number + 1 for number, (name, _) in enumerate(body.members) if name in reached), default=0)
    firsts = [(name, growth.at_first(form)) for name, form in zip(one.heads.values(), rest, strict=True)]
    members = (*body.members[:at], *firsts, (one.step.rest, others), *body.members[at:])
    called = [
        (given, roll.spelled_out(roll.templated(*parts), one.step.first + one.before))
        for given, parts in zip(one.heads.values(), one.own.names, strict=True)
    ]
    own = tuple((given, name) for given, name in called if one.step.before)
    return replace(body, members=members, own=(*body.own, *own))


def _wired(steps: Sequence[Step], region: Region, period: int, entering: Ref) -> list[tuple[Ref, ...]] | None:
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


def _moved(ref: Ref, end: int, gone: int) -> Ref:
    return Ref(ref.step - gone, ref.port) if ref.step >= end - 1 else ref


def _by_number(member: str | None, own: Numbers) -> str | None:
    template = own.template(member)
    return None if template is None else f'getattr(self, f"{template}")'
