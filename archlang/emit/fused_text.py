"""The call of a kernel, as source."""

from __future__ import annotations

from collections.abc import Sequence

from archlang.emit.bodies import Ref, Step
from archlang.emit.flags import Flag
from archlang.emit.fused_group import Group
from archlang.emit.fused_lines import Line, activations, function_of
from archlang.passes.fusion import Kernel, Role


def call_of(group: Group, lines: Sequence[Line], flags: Sequence[Flag], alias: str) -> tuple[Step, str]:
    """The step that stands for a group, and its code; `alias` is what it calls `archlang.kernels`.

    `flags` are the runs of steps that only some calls of its class have.
    """
    several = {Kernel.TWO: _two, Kernel.PAIR: _pair}.get(group.kernel, _several)
    code = f"{alias}.{several(group, lines) if group.pieces else _one(group, lines, flags)}"
    last = [lines[place].step for place in group.outputs]
    tensors = tuple(step.tensors[0] for step in last)
    ins = entering(group, lines)
    whats = tuple(step.what for step in last)
    step = Step(code, (), None, ins, len(last), (), tensors, whats[0], parts=whats, kernel=group.kernel.value)
    return step, code


def entering(group: Group, lines: Sequence[Line]) -> tuple[Ref, ...]:
    """What a call reads: x first, then what it adds, or what that is projected from."""
    if group.kernel is Kernel.TWO:
        return tuple(lines[one.lines[0]].step.ins[0] for one in reversed(group.pieces))
    residual = group.residual(lines)
    first = lines[group.lines[0]].step.ins[:1]
    return first if residual is None else (*first, residual)


def _two(group: Group, lines: Sequence[Line]) -> str:
    down, end = group.pieces
    arguments: list[str] = []
    for number, one in enumerate((end, down)):
        places = (one.line(Role.CONV), one.line(Role.BN))
        members = ["None" if place is None else lines[place].step.member or "" for place in places]
        arguments += [f"{{x{number}}}", *members]
    before = end.line(Role.BEFORE_BN)
    if before is not None:
        arguments.append(f"before={lines[before].step.member}")
    if end.line(Role.RELU) is None:
        arguments.append("relu=False")
    return f"{group.kernel}({', '.join(arguments)})"


def _pair(group: Group, lines: Sequence[Line]) -> str:
    arguments = ["{x0}"]
    for number, one in enumerate(group.pieces):
        places = (one.line(Role.CONV), one.line(Role.BN))
        arguments += ["{x1}"] * number
        arguments += ["None" if place is None else lines[place].step.member or "" for place in places]
    before = group.line(Role.BEFORE_BN)
    if before is not None:
        arguments.append(f"before={lines[before].step.member}")
    return f"{group.kernel}({', '.join(arguments)})"


def _one(group: Group, lines: Sequence[Line], flags: Sequence[Flag]) -> str:
    arguments = ["{x0}"]
    arguments += [lines[place].step.member or "" for role, place in group.parts if role in (Role.CONV, Role.BN)]
    before = group.line(Role.BEFORE_BN)
    if before is not None:
        arguments.append(f"before={lines[before].step.member}")
    if group.line(Role.ADD) is not None:
        condition = f" if self.{flags[group.optional].name} else None" if group.optional >= 0 else ""
        arguments.append(f"{{x1}}{condition}" if group.kernel is Kernel.BLOCK_END else f"residual={{x1}}{condition}")
    arguments += _ending(group, lines)
    return f"{group.kernel}({', '.join(arguments)})"


def _ending(group: Group, lines: Sequence[Line]) -> list[str]:
    """How a call says its activation: ReLU by a word that some calls need not say, another by what it is."""
    place = group.line(Role.RELU)
    usual = group.kernel is not Kernel.CONV1X1
    if place is not None and activations(lines[place]) != {"relu"}:
        return [f"activation={lines[place].step.member if lines[place].calls else function_of(lines[place])}"]
    return [] if usual == (place is not None) else [f"relu={place is not None}"]


def _several(group: Group, lines: Sequence[Line]) -> str:
    columns = [[one.line(role) for one in group.pieces] for role in (Role.CONV, Role.BN)]
    arguments = ["{x0}"]
    for column in columns:
        members = [lines[place].step.member or "" for place in column if place is not None]
        if members:
            arguments.append(f"[{', '.join(members)}]")
    if group.kernel is Kernel.MANY and group.line(Role.RELU) is not None:
        arguments.append("relu=True")
    return f"{group.kernel}({', '.join(arguments)})"
