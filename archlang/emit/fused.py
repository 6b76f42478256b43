"""A class whose forward calls kernels: the same modules, the same arguments, fewer steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from archlang.emit.bodies import Ref, Step
from archlang.emit.classes import Class
from archlang.emit.flags import Flag
from archlang.emit.fused_group import Group
from archlang.emit.fused_groups import groups
from archlang.emit.fused_lines import MANY, Again, Lines, held, is_front, of_class, of_sequence, run_from, runs_on
from archlang.emit.fused_skip import handed, skips
from archlang.emit.fused_slices import into, made_at, slots, written
from archlang.emit.fused_text import call_of
from archlang.emit.plan import Plan
from archlang.emit.units import Unit
from archlang.ir.graph import Node
from archlang.ir.network import Network, Shapes
from archlang.passes.fuse import fusions
from archlang.passes.fusion import Fusions

_MOST = 8
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
        self.lines |= self._of_the_rest(network, classes)
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
        able = {at: MANY for at, step in enumerate(made.steps) if _can_open(step)}
        again = [self._translated(other) for other in more]
        lines = of_class(made, self._inside, able, again)
        chosen = groups(lines, found)
        kept = {at: last for at in able if (last := _worth(at, lines, chosen))}
        return lines if kept == able else of_class(made, self._inside, kept, again)

    def _of_sequence(self, made: Class, found: Fusions) -> Lines | None:
        """The lines of a class that is a sequence, if it is worth a forward of its own."""
        units = made.merged.units
        if any(other.again is unit for other in self.again for unit in units):
            return None
        lines = of_sequence(units, self._items)
        return lines if lines is not None and groups(lines, found, mixed=False) else None

    def _of_the_rest(self, network: Network, classes: Mapping[str, Class]) -> dict[str, Lines]:
        """The lines of the other sequences that are worth it, for those of their calls that no forward reaches into."""
        inside = self._places()
        rest: dict[str, Lines] = {}
        for name, made in classes.items():
            units = [unit for unit in made.merged.units if not any(node.id in inside for node in unit.nodes())]
            again = any(other.again is unit for other in self.again for unit in made.merged.units)
            if made.sequence and name not in self.lines and units and not again:
                lines = of_sequence(units, self._items)
                rest |= {} if lines is None else {name: lines}
        found = fusions(network, self._places(rest))
        return {name: lines for name, lines in rest.items() if groups(lines, found)}

    def _translated(self, other: Unit) -> Again:
        """How a layer of a unit is found in the one that runs its weights again."""
        owner = other.again
        assert owner is not None  # noqa: S101 - the caller looked

        def found(one: Node | Unit) -> Node | Unit | None:
            path = other.path + one.path[len(owner.path) :]
            return self.nodes.get(path) if isinstance(one, Node) else self.units.get(path)

        return Again(owner, found)

    def _places(self, more: Mapping[str, Lines] | None = None) -> dict[int, int]:
        """The function that each layer runs in, by node id: a call of a class, of those in `more` too."""
        found: dict[int, int] = {}
        number = 0
        for lines in {**self.lines, **(more or {})}.values():
            for call in range(lines.calls):
                number += 1
                for line in lines.lines:
                    one = line.runs[call]
                    if isinstance(one, Node):
                        found[one.id] = number
        return found

    # ---- what sequences hold -------------------------------------------------------

    def _inside(self, unit: Unit) -> tuple[list[Node | Unit], bool] | None:
        """What a unit's sequence holds, and whether it is an `nn.Sequential` itself.

        None if it is no sequence, or has a forward that calls kernels.
        """
        if unit.again is not None or unit.open:
            return None
        form = self.plan.constructor(unit)
        made = self.plan.classes.get(form.function)
        if made is None:
            items = held(form, self._chain(unit), unit) if form.function == "nn.Sequential" else None
            return None if items is None else (items, True)
        if not made.sequence or made.name in self.lines or len({len(one.children) for one in made.merged.units}) > 1:
            return None
        return self._items(unit)

    def _items(self, unit: Unit) -> tuple[list[Node | Unit], bool] | None:
        """The same of a unit whose class is an `nn.Sequential`."""
        made = self.plan.classes[self.plan.constructor(unit).function]
        form = replace(self.plan.constructor(unit), args=tuple(made.members))
        items = held(form, self._chain(unit), unit)
        return None if items is None else (items, False)

    def _chain(self, unit: Unit) -> list[Node | Unit] | None:
        return self.plan.chain(unit)


def _worth(at: int, lines: Lines, chosen: Sequence[Group]) -> int:
    """How many of the last items of a sequence are told apart: 0 unless a kernel runs some, and it stays short."""
    mine = [place for place, line in enumerate(lines.lines) if line.came == at]
    touching = [set(mine) & set(one.lines) for one in chosen if set(mine) & set(one.lines)]
    if not touching:
        return 0
    first = min(map(min, touching))
    own = mine[mine.index(first) - 1 :] if is_front(lines.lines[mine[0]]) else mine
    taken = {place for one in touching for place in one}
    free = [place for place in own if place not in taken and not runs_on(lines.lines, place, taken)]
    if len(touching) + len(free) > _MOST:
        return 0
    return mine[-1] - first + 1 if own is not mine else MANY


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
    run = {place for one in chosen for place in one.lines}
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
        if (place in run and place not in stands) or runs_on(lines.lines, place, run):
            continue
        for step, code, read in made_at(place, places, alias):
            new[read] = Ref(len(steps))
            steps.append(step)
            codes.append(code)
        group = stands.get(place)
        if group is not None and (either := _under_if(group, lines)) is not None:
            flag = made.flags[either]
            other, code = call_of(group.pieces[1], lines.lines, made.flags, alias)
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
            last, own = run_from(lines.lines, place, run)
            step, code = written(own, place, places, alias) or (own, line.code)
            steps.append(step)
            codes.append(code)
            new.update({Ref(last, port): Ref(number, port) for port in range(own.outs)})
            continue
        step, code = into(group, call_of(group, lines.lines, made.flags, alias)[0], places)
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

    taken = {one.optional for one in chosen}
    flags = [
        apart.get(at) or Flag(flag.name, flag.condition, starts[at], ends[at], ref(flag.result), ref(flag.instead))
        for at, flag in enumerate(made.flags)
        if at not in taken
    ]
    return replace(made, steps=steps, codes=codes, flags=flags, outs=tuple(map(ref, made.outs)), alias=alias)


def _under_if(group: Group, lines: Lines) -> int | None:
    """The number of the run of steps that a group has a part of and does not stand in; None if there is none."""
    flags = {lines.lines[place].flag for place in group.lines} - {lines.lines[group.stands].flag, group.optional}
    return flags.pop() if flags else None
