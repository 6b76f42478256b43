"""A class whose forward calls kernels: the same modules, the same arguments, fewer steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from archlang.emit.bodies import Ref, Step
from archlang.emit.classes import Class, Flag
from archlang.emit.fused_groups import Group, groups
from archlang.emit.fused_lines import Again, Lines, held, of_class, of_sequence
from archlang.emit.fused_skip import handed, skips
from archlang.emit.fused_slices import into, made_at, slots, written
from archlang.emit.fused_text import call_of
from archlang.emit.plan import Plan
from archlang.emit.units import Unit
from archlang.ir.graph import Node
from archlang.ir.network import Network, Shapes
from archlang.passes.fuse import fusions
from archlang.passes.fusion import Fusions

_MOST = 4
"""Statements that a sequence may become where its forward would be one."""


def fused(network: Network, plan: Plan, alias: str) -> dict[str, Class]:
    """The classes whose forwards call kernels, by name, as they run; `alias` is what they call `archlang.kernels`."""
    fuser = _Fuser(network, plan)
    made = {**plan.classes, plan.root.name: plan.root}
    return {
        name: _rewritten(_with_ends(made[name], fuser.lines[name]), fuser.lines[name], chosen, network.shapes, alias)
        for name, chosen in fuser.chosen.items()
    }


class _Fuser:
    """What the classes of a plan run together, where that holds in all calls of a class.

    `lines` are those of each class that has some, `chosen` the groups among them.
    """

    def __init__(self, network: Network, plan: Plan) -> None:
        self.plan = plan
        self.nodes = {node.path: node for node in network.graph}
        self.units = {unit.path: unit for unit in plan.tree.root.units()}
        self.again = [unit for unit in self.units.values() if unit.again is not None]
        self.lines: dict[str, Lines] = {}
        first = fusions(network)
        classes = {**plan.classes, plan.root.name: plan.root}
        for name, made in sorted(classes.items(), key=lambda one: not one[1].sequence):
            lines = self._of_sequence(made, first) if made.sequence else self._of_class(made, first)
            if lines is not None:
                self.lines[name] = lines
        self.found = fusions(network, self._places())
        chosen = {name: groups(lines, self.found) for name, lines in self.lines.items()}
        self.chosen = {name: found for name, found in chosen.items() if found}

    # ---- one class ---------------------------------------------------------------

    def _of_class(self, made: Class, found: Fusions) -> Lines | None:
        """A class's lines, with those sequences opened that a kernel runs something of."""
        if not made.outs:
            return None
        units = made.merged.units
        more = [other for other in self.again if any(other.again is unit for unit in units)]
        able = {at for at, step in enumerate(made.steps) if _can_open(step)}
        lines = of_class(made, self._inside, able, [self._translated(other) for other in more])
        kept = {at for at in able if _worth(at, lines, groups(lines, found))}
        if kept != able:
            lines = of_class(made, self._inside, kept, [self._translated(other) for other in more])
        return lines

    def _of_sequence(self, made: Class, found: Fusions) -> Lines | None:
        """The lines of a class that is a sequence, if it is worth a forward of its own."""
        units = made.merged.units
        if any(other.again is unit for other in self.again for unit in units):
            return None
        lines = of_sequence(units, self._items)
        return lines if lines is not None and groups(lines, found) else None

    def _translated(self, other: Unit) -> Again:
        """How a layer of a unit is found in the one that runs its weights again."""
        owner = other.again
        assert owner is not None  # noqa: S101 - the caller looked

        def found(one: Node | Unit) -> Node | Unit | None:
            path = other.path + one.path[len(owner.path) :]
            return self.nodes.get(path) if isinstance(one, Node) else self.units.get(path)

        return Again(owner, found)

    def _places(self) -> dict[int, int]:
        """The function that each layer runs in, by node id: a call of a class."""
        found: dict[int, int] = {}
        number = 0
        for lines in self.lines.values():
            for call in range(lines.calls):
                number += 1
                for line in lines.lines:
                    one = line.runs[call]
                    if isinstance(one, Node):
                        found[one.id] = number
        return found

    # ---- what sequences hold -------------------------------------------------------

    def _inside(self, unit: Unit) -> list[Node | Unit] | None:
        """What a unit's `nn.Sequential` holds; None if it is none, or has a forward that calls kernels."""
        if unit.again is not None or unit.open:
            return None
        form = self.plan.constructor(unit)
        made = self.plan.classes.get(form.function)
        if made is None:
            return held(form, self._chain(unit), unit) if form.function == "nn.Sequential" else None
        return self._items(unit) if made.sequence and made.name not in self.lines else None

    def _items(self, unit: Unit) -> list[Node | Unit] | None:
        """What a unit holds whose class is an `nn.Sequential`."""
        made = self.plan.classes[self.plan.constructor(unit).function]
        form = replace(self.plan.constructor(unit), args=tuple(made.members))
        return held(form, self._chain(unit), unit)

    def _chain(self, unit: Unit) -> list[Node | Unit] | None:
        return self.plan.chain(unit)


def _worth(at: int, lines: Lines, chosen: Sequence[Group]) -> bool:
    """Whether a sequence is opened: a kernel runs some of what it holds, and it stays short."""
    mine = {place for place, line in enumerate(lines.lines) if line.came == at}
    touching = [one for one in chosen if mine & set(one.lines)]
    left = len(mine) - sum(len(mine & set(one.lines)) - 1 for one in touching)
    return bool(touching) and left <= _MOST


def _can_open(step: Step) -> bool:
    """Whether the items of the sequence that it calls can be reached: a type checker knows `self.name[0]` only."""
    member = step.member or ""
    plain = member.startswith("self.") and "[" not in member
    return plain and isinstance(step.what, Unit) and not step.what.train and len(step.ins) == 1 and not step.rounds


# ---- the steps, written anew ------------------------------------------------------------


def _with_ends(made: Class, lines: Lines) -> Class:
    """The class with what enters and leaves it, which a plain sequence does not say."""
    if not made.sequence:
        return made
    return replace(made, outs=(Ref(len(lines.lines) - 1),), reads=made.merged.units[0].reads)


def _rewritten(made: Class, lines: Lines, chosen: Sequence[Group], shapes: Shapes, alias: str) -> Class:
    """The class with a step for each group, where its last line stood."""
    stands = {one.stands: one for one in chosen}
    gone = {place for one in chosen for place in one.lines} - set(stands)
    places = slots(lines, chosen, shapes)
    handing = skips(made, lines, chosen)
    later: dict[Ref, Ref] = {}
    steps: list[Step] = []
    codes: list[str] = []
    new: dict[Ref, Ref] = {}
    starts: dict[int, int] = {}
    ends: dict[int, int] = {}
    apart: dict[int, Flag] = {}
    for place, line in enumerate(lines.lines):
        if place in gone:
            continue
        for step, code, read in made_at(place, places, alias):
            new[read] = Ref(len(steps))
            steps.append(step)
            codes.append(code)
        group = stands.get(place)
        if group is not None and (either := _under_if(group, lines)) is not None:
            flag = made.flags[either]
            other, code = call_of(group.pieces[1], lines.lines, alias)
            steps.append(replace(other, ins=(other.ins[0], lines.ref(flag.instead))))
            codes.append(code)
            number = len(steps)
            apart[either] = Flag(
                flag.name, flag.condition, number, number + 1, Ref(number), Ref(number - 1), otherwise=True
            )
        number = len(steps)
        starts.setdefault(line.flag, number)
        ends[line.flag] = number + 1
        if group is None:
            step, code = written(line.step, place, places, alias) or (line.step, line.code)
            steps.append(step)
            codes.append(code)
            new.update({Ref(place, port): Ref(number, port) for port in range(line.step.outs)})
            continue
        step, code = into(group, call_of(group, lines.lines, alias)[0], places)
        if place in handing:
            step, code = handed(step, lines, made.reads, alias)
            later[lines.lines[group.lines[0]].step.ins[0]] = Ref(number, 1)
        steps.append(step)
        codes.append(code)
        new.update({Ref(out): Ref(number, port) for port, out in enumerate(group.outputs)})

    def now(ref: Ref, at: int) -> Ref:
        """What a step reads a line's tensor by: what hands it on, after that; `identity` is where it is read."""
        handed_on = later.get(ref)
        return handed_on if handed_on is not None and handed_on.step < at else new.get(ref, ref)

    def ref(old: Ref) -> Ref:
        return now(lines.ref(old), len(steps))

    reads = [len(steps) if step.code == "{x}" else at for at, step in enumerate(steps)]
    steps = [replace(step, ins=tuple(now(ref, at) for ref in step.ins)) for at, step in zip(reads, steps, strict=True)]

    flags = [
        apart.get(at) or Flag(flag.name, flag.condition, starts[at], ends[at], ref(flag.result), ref(flag.instead))
        for at, flag in enumerate(made.flags)
    ]
    return replace(made, steps=steps, codes=codes, flags=flags, outs=tuple(map(ref, made.outs)), alias=alias)


def _under_if(group: Group, lines: Lines) -> int | None:
    """The number of the run of steps that a group has a part of and does not stand in; None if there is none."""
    flags = {lines.lines[place].flag for place in group.lines} - {lines.lines[group.stands].flag}
    return flags.pop() if flags else None
