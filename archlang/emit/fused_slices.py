"""Concatenations without a copy: the branches of one write into their slices of the tensor that it makes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from archlang.emit.bodies import Ref, Step
from archlang.emit.fused_group import Group
from archlang.emit.fused_lines import Line, Lines
from archlang.ir.graph import Node
from archlang.ir.network import Shapes
from archlang.passes.fusion import Kernel, Role

SLICES = "slices"
"""The function that makes places for branches, and what a forward calls them."""

_ATTRIBUTE = re.compile(r"self\.\w+\Z")
_WRITES = frozenset({Kernel.CONV1X1, Kernel.MANY, Kernel.CONV})
_WORTH = frozenset({Kernel.CONV1X1, Kernel.MANY})


@dataclass(frozen=True, slots=True)
class Slots:
    """A concatenation, by line. The places of its branches are made at the line `start`, as large as `x`.

    `widths` are the channels of the branches, as source, and `into` the number of
    the slice that a line's tensor is written to. `ref` is what the slices are read by.
    """

    concat: int
    start: int
    x: Ref
    widths: tuple[str, ...]
    into: dict[int, int]
    ref: Ref


def slots(lines: Lines, chosen: Sequence[Group], shapes: Shapes) -> list[Slots]:
    """The concatenations of a class whose branches kernels can write into their places, in every call of it."""
    makers = {
        one.lines[-1]: (group, one)
        for group in chosen
        for one in (group.pieces if group.kernel is Kernel.MANY else (group,))
    }
    found: list[Slots] = []
    for place, line in enumerate(lines.lines):
        if line.code == "torch.cat([{xs}], 1)" and line.flag < 0:
            one = _slots(lines, makers, shapes, place, Ref(len(lines.lines) + len(found)))
            if one is not None:
                found.append(one)
    return found


def _slots(lines: Lines, makers: dict[int, tuple[Group, Group]], shapes: Shapes, place: int, ref: Ref) -> Slots | None:
    operands = lines.lines[place].step.ins
    convs = [_convolution(lines.lines, makers, operand) for operand in operands]
    members = [lines.lines[conv].step.member or "" for conv in convs if conv is not None]
    if len(members) < len(operands) or not all(_ATTRIBUTE.match(member) for member in members):
        return None
    able = [at for at in operands if at.step in makers and lines.reads(at) == 1]
    able = [at for at in able if makers[at.step][0].kernel in _WRITES and lines.lines[at.step].flag < 0]
    starts = [(makers[at.step][0].stands, makers[at.step][1]) for at in able]
    for start, core in sorted(starts, key=lambda pair: pair[0]):
        if _keeps_size(lines.lines, core, place, shapes):
            into = {at.step: operands.index(at) for at in able if makers[at.step][0].stands >= start}
            if not any(makers[line][0].kernel in _WORTH for line in into):
                return None
            widths = tuple(f"{member}.out_channels" for member in members)
            return Slots(place, start, lines.lines[core.lines[0]].step.ins[0], widths, into, ref)
    return None


def _convolution(lines: Sequence[Line], makers: dict[int, tuple[Group, Group]], operand: Ref) -> int | None:
    """The line of the convolution whose maps an operand is; None if it is no convolution's."""
    if operand.step in makers:
        return makers[operand.step][1].line(Role.CONV)
    if operand.step < 0:
        return None
    line = lines[operand.step]
    return operand.step if line.calls and all(isinstance(n, Node) and n.op.word == "conv" for n in line.runs) else None


def _keeps_size(lines: Sequence[Line], core: Group, place: int, shapes: Shapes) -> bool:
    """Whether what a group reads is as large as what is concatenated, in every call."""
    reads = [one.inputs[0] for one in lines[core.lines[0]].runs if isinstance(one, Node)]
    makes = [one.id for one in lines[place].runs if isinstance(one, Node)]
    return all(shapes[one][1:] == shapes[other][1:] for one, other in zip(reads, makes, strict=True))


# ---- the steps ----------------------------------------------------------------------


def made_at(place: int, all_: Sequence[Slots], alias: str) -> Iterator[tuple[Step, str, Ref]]:
    """The steps that make slices at a line, with their code and what they are read by."""
    for one in all_:
        if one.start == place:
            code = f"{alias}.{SLICES}({{x0}}, {', '.join(one.widths)})"
            yield Step(code, (), None, (one.x,), 1, (), (-1,), None, kernel=SLICES), code, one.ref


def written(line: Step, place: int, all_: Sequence[Slots], alias: str) -> tuple[Step, str] | None:
    """A concatenation that leaves what is in its place; None where the line is another."""
    one = next((one for one in all_ if one.concat == place), None)
    if one is None:
        return None
    parts = ", ".join(f"{{x{number}}}" for number in range(len(line.ins)))
    code = f"{alias}.concat([{parts}], {{x{len(line.ins)}}})"
    return replace(line, code=code, ins=(*line.ins, one.ref), kernel="concat"), code


def into(group: Group, step: Step, all_: Sequence[Slots]) -> tuple[Step, str]:
    """The call of a group that writes into slices, where there are some for it."""
    outs = group.outputs
    slot = next((one for one in all_ if any(line in one.into for line in outs)), None)
    if slot is None:
        return step, step.code
    hole = f"{{x{len(step.ins)}}}"
    said = [f"{hole}[{slot.into[line]}]" if line in slot.into else "None" for line in outs]
    more = f"outs=[{', '.join(said)}]" if group.kernel is Kernel.MANY else f"out={said[0]}"
    code = f"{step.code[:-1]}, {more})"
    return replace(step, code=code, ins=(*step.ins, slot.ref)), code
