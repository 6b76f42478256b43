"""Convolutions that hand on what they read, so that a skip connection's gradient is added to theirs on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from archlang.emit.bodies import Ref, Step
from archlang.emit.classes import Class
from archlang.emit.fused_group import Group
from archlang.emit.fused_lines import SUM, Lines
from archlang.passes.fusion import Kernel, Role

SKIP = "conv1x1_skip"
"""The function that does what `conv1x1` does, and gives x beside it."""

_FORMS = ([Role.CONV, Role.BN], [Role.CONV, Role.BN, Role.RELU])


def skips(made: Class, lines: Lines, chosen: Sequence[Group]) -> set[int]:
    """The places of the calls that are the first to read what a sum of the class adds, unchanged, further on."""
    same = _second_names(made, lines)
    added = {ref for one in chosen if (ref := _added(one, lines)) is not None}
    added |= {ref for line in lines.lines if line.code == SUM for ref in line.step.ins}
    added |= {lines.ref(flag.instead) for flag in made.flags if lines.ref(flag.result) in added}
    added |= {same[ref] for ref in added if ref in same}
    outs = {same.get(ref, ref) for ref in map(lines.ref, made.outs)}
    found: dict[Ref, int] = {}
    for one in chosen:
        line = lines.lines[one.lines[0]]
        x = line.step.ins[0]
        if one.kernel is not Kernel.CONV1X1 or [role for role, _ in one.parts] not in _FORMS or line.flag >= 0:
            continue
        readers = [at for at, other in enumerate(lines.lines) if x in other.step.ins and Ref(at) not in same]
        first = readers[0] == one.lines[0] and all(at > one.stands for at in readers[1:])
        if first and x in added and x not in outs:
            found[x] = one.stands
    return set(found.values())


def _second_names(made: Class, lines: Lines) -> dict[Ref, Ref]:
    """What `identity` makes, and whose it is, where no step is run for it."""
    edges = {lines.ref(ref) for flag in made.flags for ref in (flag.result, flag.instead)}
    found: dict[Ref, Ref] = {}
    for at, line in enumerate(lines.lines):
        if line.code == "{x}" and line.flag < 0 and Ref(at) not in edges:
            found[Ref(at)] = found.get(line.step.ins[0], line.step.ins[0])
    return found


def _added(one: Group, lines: Lines) -> Ref | None:
    return (one.pieces[1] if one.kernel is Kernel.TWO else one).residual(lines.lines)


def handed(step: Step, lines: Lines, reads: Sequence[int], alias: str) -> tuple[Step, str]:
    """The call of `conv1x1` that hands on what it reads, as its second result."""
    x = step.ins[0]
    tensor = reads[x.port] if x.step < 0 else lines.lines[x.step].step.tensors[x.port]
    code = step.code.replace(f"{alias}.{Kernel.CONV1X1}(", f"{alias}.{SKIP}(", 1)
    more = replace(step, code=code, outs=2, tensors=(*step.tensors, tensor), parts=(*step.parts, None), kernel=SKIP)
    return more, code
