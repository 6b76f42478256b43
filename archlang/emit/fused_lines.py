"""The steps of a class, each call beside the other, with the sequences that a forward may run by number opened."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

from archlang.emit.bodies import Ref, Step
from archlang.emit.classes import Class
from archlang.emit.forms import Form
from archlang.emit.merge import Merged
from archlang.emit.reach import indexed
from archlang.emit.roll import ROUNDS
from archlang.emit.units import Unit
from archlang.ir.graph import Node

SUM = "{x0} + {x1}"
"""How a step says that it adds two tensors."""

_FUNCTION = re.compile(r"(F\.\w+)\(\{x\}(?:, inplace=True)?\)")
_CALL = ("{self}({x})", "{self}({xs})")
"""How a step says that a module is called with one tensor."""


@dataclass(frozen=True, slots=True)
class Line:
    """One step of a forward. `runs` is what it runs in each call of the class, None where a call lacks it.

    `came` is the step of the class that it is, or stands in; `flag` the number of
    the run of steps that only some calls have and it belongs to, -1 if to none.
    Where it `cuts`, it is an item of an `nn.Sequential` that may run with those beside it, as a slice.
    """

    step: Step
    code: str
    runs: tuple[Node | Unit | None, ...]
    came: int
    flag: int = -1
    cuts: bool = False

    @property
    def calls(self) -> bool:
        """Whether it calls a module with one tensor, and nothing more."""
        return self.code in _CALL and self.step.member is not None

    def present(self) -> tuple[bool, ...]:
        """The calls that have it."""
        return tuple(one is not None for one in self.runs)


def function_of(line: Line) -> str | None:
    """The function of one tensor that a line is: `F.relu6`; None if it is something else."""
    found = _FUNCTION.fullmatch(line.code)
    return None if found is None else found[1]


def activations(line: Line) -> set[str]:
    """The words of the layers that a line is in its calls."""
    return {one.op.word for one in line.runs if isinstance(one, Node)}


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a class, their inputs by line; `at` is where each step's output now is.

    `outs` are the tensors that are given out, or stand for what some calls lack.
    `ends` are of each run of steps that only some calls have its result, and what stands for that.
    """

    lines: tuple[Line, ...]
    at: dict[Ref, Ref]
    outs: tuple[Ref, ...]
    ends: tuple[tuple[Ref, Ref], ...] = ()

    @property
    def calls(self) -> int:
        """How many calls the class has."""
        return len(self.lines[0].runs) if self.lines else 0

    def reads(self, ref: Ref) -> int:
        """How often a tensor is read or given out."""
        return sum(line.step.ins.count(ref) for line in self.lines) + self.outs.count(ref)

    def ref(self, old: Ref) -> Ref:
        """Where a tensor of the class's steps is among the lines."""
        return self.at.get(old, old)


@dataclass(frozen=True, slots=True)
class Again:
    """A use of the weights of `owner`, and what it runs for a layer or unit of it."""

    owner: Unit
    found: Callable[[Node | Unit], Node | Unit | None]


MANY = 1 << 30
"""As many items of a sequence as there are."""

Inside = Callable[[Unit], "tuple[list[Node | Unit], bool] | None"]
"""What a unit's sequence holds, in order, each reached by its number, and whether it is an `nn.Sequential` itself.

None where it is no such sequence.
"""


def of_class(made: Class, inside: Inside, opened: Mapping[int, int], more: Sequence[Again] = ()) -> Lines:
    """The lines of a class. The steps in `opened` stand for what their sequences hold, as many of the last items.

    `more` are uses of a call's weights, which are calls too.
    """
    flags = {at: number for number, flag in enumerate(made.flags) for at in range(flag.start, flag.end)}
    lines: list[Line] = []
    at: dict[Ref, Ref] = {}
    for number, (step, code) in enumerate(zip(made.steps, made.codes, strict=True)):
        ins = tuple(at.get(ref, ref) for ref in step.ins)
        step = replace(step, ins=ins)  # noqa: PLW2901 - the same, read from where its inputs now are
        whole = Line(step, code, _runs(made.merged, number, more), number, flags.get(number, -1))
        within = _opened(whole, inside, len(lines), opened[number]) if number in opened else None
        if within is not None:
            lines += within
            at[Ref(number)] = Ref(len(lines) - 1)
            continue
        at.update({Ref(number, port): Ref(len(lines), port) for port in range(step.outs)})
        lines.append(whole)
    outs = [*made.outs, *(flag.instead for flag in made.flags)]
    ends = tuple((at.get(flag.result, flag.result), at.get(flag.instead, flag.instead)) for flag in made.flags)
    return Lines(tuple(lines), at, tuple(at.get(ref, ref) for ref in outs), ends)


def of_sequence(units: Sequence[Unit], inside: Inside) -> Lines | None:
    """The lines of a class that is a plain sequence; None where its items cannot be told."""
    unit = units[0]
    step = Step("{self}({x})", (), "self", (Ref(-1),), 1, (), unit.makes, unit)
    within = _opened(Line(step, "{self}({x})", tuple(units), 0), inside, 0)
    return None if within is None else Lines(tuple(within), {}, (Ref(len(within) - 1),))


def _runs(merged: Merged, number: int, more: Sequence[Again]) -> tuple[Node | Unit | None, ...]:
    found: list[Node | Unit | None] = []
    by_unit: dict[int, Node | Unit | None] = {}
    for unit, body, places in zip(merged.units, merged.bodies, merged.places, strict=True):
        place = places[number]
        one = None if place is None else body.steps[place].what
        by_unit[id(unit)] = one
        found.append(one)
    for again in more:
        one = by_unit[id(again.owner)]
        found.append(None if one is None else again.found(one))
    return tuple(found)


def _opened(line: Line, inside: Inside, start: int, last: int = MANY) -> list[Line] | None:
    """What a line's sequence holds, a line each for the `last` items; None where that cannot be told of all calls.

    Where some calls hold more than others, the items are counted from the end, and
    those in front of all that are told apart are run as one: `self.conv[:-2](x)`.
    """
    units = [one for one in line.runs if one is not None]
    if not line.calls or not all(isinstance(one, Unit) for one in units):
        return None
    within = [None if not isinstance(one, Unit) else inside(one) for one in line.runs]
    held = [None if one is None else one[0] for one in within]
    known = [one for one in held if one is not None]
    if not known or len(known) < len(units):
        return None
    cuts = all(one is None or one[1] for one in within)
    found: list[Line] = []
    ins = line.step.ins
    places = range(len(known[0]))
    if len({len(one) for one in known}) > 1:
        told = min(last, *map(len, known))
        places = range(-told, 0)
        step = Step("{self}({x})", (), f"{line.step.member}[:-{told}]", ins, 1, (), (-1,), None)
        found.append(Line(step, step.code, line.runs, line.came, line.flag))
        ins = (Ref(start),)
    for place in places:
        runs = tuple(None if one is None else one[place] for one in held)
        what = next(one for one in runs if one is not None)
        tensors = what.makes if isinstance(what, Unit) else (what.id,)
        step = Step("{self}({x})", (), f"{line.step.member}[{place}]", ins, 1, (), tensors, what)
        found.append(Line(step, step.code, runs, line.came, line.flag, cuts))
        ins = (Ref(start + len(found) - 1),)
    return found


def runs_on(lines: Sequence[Line], place: int, taken: Collection[int]) -> bool:
    """Whether a line is run by one slice of a sequence with the line before it: no kernel runs either of them."""
    if not 0 < place < len(lines) or {place - 1, place} & set(taken):
        return False
    one, other = lines[place - 1], lines[place]
    return one.cuts and other.cuts and one.came == other.came


def run_from(lines: Sequence[Line], first: int, taken: Collection[int]) -> tuple[int, Step]:
    """The last of the lines that run together with `first`, and their step: `self.features[3:11](x)` of several."""
    last = next(at for at in count(first + 1) if not runs_on(lines, at, taken)) - 1
    step, came = lines[first].step, lines[first].came
    if last == first:
        return last, step
    sequence, begins = _item(step)
    ends = "" if last + 1 == len(lines) or lines[last + 1].came != came else _item(lines[last].step)[1] + 1
    member = f"{sequence}[{begins or ''}:{ends}]"
    return last, replace(step, member=member, tensors=lines[last].step.tensors, what=None)


def _item(step: Step) -> tuple[str, int]:
    """The sequence that a step calls an item of, and its number there."""
    sequence, _, number = (step.member or "").removesuffix("]").rpartition("[")
    return sequence, int(number)


def is_front(line: Line) -> bool:
    """Whether it stands for the items in front of those that are told apart."""
    return "[:-" in (line.step.member or "")


def held(form: Form, children: Sequence[Node | Unit] | None, unit: Unit) -> list[Node | Unit] | None:
    """The children of a unit that is printed as this `nn.Sequential`, if each is an item of its own."""
    items = [value for _, value in form.args if isinstance(value, Form)]
    if children is None or len(items) != len(children) or len(items) != len(form.args) or unit.again is not None:
        return None
    if any(item.function in (ROUNDS, "nn.Flatten") for item in items):
        return None
    if indexed(unit) and any(child.name != str(place) for place, child in enumerate(children)):
        return None
    return list(children)
