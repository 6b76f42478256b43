"""Which fusions hold in every call of a class, in terms of its lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from archlang.emit.bodies import Ref
from archlang.emit.fused_group import Group
from archlang.emit.fused_lines import SUM, Line, Lines, activations, function_of
from archlang.ir.graph import Node
from archlang.passes.fusion import Fusion, Fusions, Kernel, Role

_BEFORE = (Role.BEFORE_BN, Role.BEFORE_RELU)
_SEVERAL = frozenset({Kernel.MANY, Kernel.CHAIN, Kernel.TWO, Kernel.PAIR})
_MODULES = frozenset({Role.CONV, Role.BN, Role.BEFORE_BN})
"""Roles whose modules the call names."""


def groups(all_: Lines, found: Fusions, *, mixed: bool = True) -> list[Group]:
    """The groups of a class: what every call of it agrees on, and a kernel takes in one of them at least.

    Unless `mixed`, a convolution that is 1x1 in some calls and larger in others is in none.
    """
    singles: dict[int, Group] = {}
    every = _by_core(all_.lines, found)
    for core, seen in every.items():
        group = _agreed(all_.lines, core, seen, mixed=mixed)
        if group is not None:
            singles[core] = with_sum(all_, group, seen)
    taken = {place for one in singles.values() for place in one.lines}
    for core, seen in _left_over(all_.lines, found, taken).items():
        group = _agreed(all_.lines, core, {**every.get(core, {}), **seen}, mixed=mixed)
        if group is not None and not taken & set(group.lines):
            singles[core] = group
    return _joined(all_, found, singles)


# ---- what one call says -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Seen:
    """A fusion as one call has it: the parts that stand in this class."""

    kernel: Kernel
    parts: tuple[tuple[Role, int], ...]
    runs: bool


def _places(lines: Sequence[Line], call: int) -> dict[int, int]:
    """The line of each layer that a call runs itself, by node id."""
    found: dict[int, int] = {}
    for place, line in enumerate(lines):
        one = line.runs[call]
        if isinstance(one, Node):
            found[one.id] = place
    return found


def _simple(found: Sequence[Fusion]) -> Iterator[Fusion]:
    for one in found:
        yield from one.pieces or (one,)


def _by_core(lines: Sequence[Line], found: Fusions) -> dict[int, dict[int, _Seen]]:
    """By the line of its convolution (or its batch norm, at the end of a block) each fusion as each call has it."""
    seen: dict[int, dict[int, _Seen]] = defaultdict(dict)
    for call in range(len(lines[0].runs) if lines else 0):
        places = _places(lines, call)
        for one in _simple((*found.groups, *found.idle)):
            core = one.find(Role.CONV if one.kernel is not Kernel.BLOCK_END else Role.BN)
            if core in places:
                seen[places[core]][call] = _Seen(one.kernel, _within(one, core, places), one.but is None)
    return seen


def _left_over(lines: Sequence[Line], found: Fusions, taken: set[int]) -> dict[int, dict[int, _Seen]]:
    """The batch norms and ReLUs that some calls could read in and others not: by themselves they are ends of blocks."""
    seen: dict[int, dict[int, _Seen]] = defaultdict(dict)
    for call in range(len(lines[0].runs) if lines else 0):
        places = _places(lines, call)
        for one in _simple((*found.groups, *found.idle)):
            norm, relu = one.find(Role.BEFORE_BN), one.find(Role.BEFORE_RELU)
            if norm in places and relu in places and places[norm] not in taken:
                parts = ((Role.BN, places[norm]), (Role.RELU, places[relu]))
                seen[places[norm]][call] = _Seen(Kernel.BLOCK_END, parts, one.but is None)
    return seen


def _within(one: Fusion, core: int | None, places: Mapping[int, int]) -> tuple[tuple[Role, int], ...]:
    """The parts of a fusion that stand in the class, around its core, as long as none between is missing."""
    kept: list[tuple[Role, int]] = []
    for part in one.parts:
        if part.node in places:
            kept.append((part.role, places[part.node]))
        elif part.role in _BEFORE:
            kept = []
        elif core in [known.node for known in one.parts[: one.parts.index(part)]]:
            break
    return tuple(kept) if sum(role in _BEFORE for role, _ in kept) in (0, 2) else _without_before(kept)


def _without_before(parts: Sequence[tuple[Role, int]]) -> tuple[tuple[Role, int], ...]:
    return tuple((role, place) for role, place in parts if role not in _BEFORE)


# ---- what all calls agree on ---------------------------------------------------------


def _agreed(lines: Sequence[Line], core: int, seen: Mapping[int, _Seen], *, mixed: bool) -> Group | None:
    calls = [call for call, there in enumerate(lines[core].present()) if there]
    if any(call not in seen for call in calls) or not any(one.runs for one in seen.values()):
        return None
    kernels = {one.kernel for one in seen.values()}
    if mixed and kernels == {Kernel.CONV1X1, Kernel.CONV}:  # the second runs what the first does
        seen = {call: _Seen(Kernel.CONV, _without_before(one.parts), one.runs) for call, one in seen.items()}
        kernels = {Kernel.CONV}
    if len(kernels) > 1:
        return None
    parts = seen[calls[0]].parts
    if any(one.parts[:2] != parts[:2] for one in seen.values() if one.parts[0][0] in _BEFORE or parts[0][0] in _BEFORE):
        seen = {call: _Seen(one.kernel, _without_before(one.parts), one.runs) for call, one in seen.items()}
        parts = seen[calls[0]].parts
    for one in seen.values():
        same = [mine == theirs for mine, theirs in zip(parts, one.parts, strict=False)]
        parts = parts[: same.index(False) if False in same else len(same)]
    (kernel,) = kernels
    return _sound(lines, core, kernel, parts)


def _sound(lines: Sequence[Line], core: int, kernel: Kernel, parts: tuple[tuple[Role, int], ...]) -> Group | None:
    """The group, as far as its lines are said in a way that a call can stand for; None if they are not.

    A convolution alone is one too: it may be a piece of a larger group.
    """
    at = [place for _, place in parts].index(core)
    first = at
    if at == 2 and all(_fits(lines, core, role, place) for role, place in parts[:2]):
        first = 0
    end = at
    while end < len(parts) and _fits(lines, core, *parts[end]):
        end += 1
    parts = parts[first:end]
    useless = kernel is not Kernel.CONV1X1 and parts and parts[-1][0] is Role.BN
    return None if end == at or useless else Group(kernel, parts)


def _fits(lines: Sequence[Line], core: int, role: Role, place: int) -> bool:
    line, main = lines[place], lines[core]
    if line.flag != main.flag or line.present() != main.present() or line.step.rounds or line.step.outs != 1:
        return False
    if role in _MODULES:
        return line.calls
    return line.code == SUM if role is Role.ADD else line.calls or function_of(line) is not None


# ---- several convolutions in one call -----------------------------------------------------


def _joined(all_: Lines, found: Fusions, singles: dict[int, Group]) -> list[Group]:
    """The groups, those as one that run side by side or in a row."""
    result: list[Group] = []
    taken: set[int] = set()
    for kernel, cores in _composed(all_.lines, found):
        whole = [singles[core] for core in cores if core in singles]
        if len(whole) < len(cores) or taken & set(cores) or not _fit_together(all_, kernel, whole):
            continue
        taken.update(cores)
        result.append(Group(kernel, tuple(part for one in whole for part in one.parts), tuple(whole)))
    return [*result, *(one for core, one in singles.items() if core not in taken and len(one.parts) > 1)]


def _composed(lines: Sequence[Line], found: Fusions) -> dict[tuple[Kernel, tuple[int, ...]], None]:
    """The cores of what is one call in some call of the class, in order."""
    every: dict[tuple[Kernel, tuple[int, ...]], None] = {}
    for call in range(len(lines[0].runs) if lines else 0):
        places = _places(lines, call)
        for one in found.groups:
            cores = [piece.find(Role.CONV) for piece in one.pieces]
            within = [places[core] for core in cores if core is not None and core in places]
            if len(within) > 1:
                every.setdefault((one.kernel, tuple(within)))
    return every


def _fit_together(all_: Lines, kernel: Kernel, pieces: Sequence[Group]) -> bool:
    """Whether groups of one form read one tensor, or each the one before, which nobody else reads: in all calls."""
    first = [all_.lines[one.lines[0]] for one in pieces]
    if kernel in _SEVERAL and not all(_rectifies(all_.lines, one) for one in pieces):
        return False
    if kernel is Kernel.TWO:
        return _adds_up(all_, *pieces)
    if kernel is Kernel.PAIR:
        return _follows(all_, *pieces)
    if len({tuple(role for role, _ in one.parts) for one in pieces}) > 1 or len({line.flag for line in first}) > 1:
        return False
    if kernel is Kernel.MANY:
        return len({line.step.ins for line in first}) == 1
    made = [Ref(one.lines[-1]) for one in pieces[:-1]]
    ends = all(one.line(Role.RELU) is not None for one in pieces)
    return (
        ends
        and all(line.step.ins == (ref,) for line, ref in zip(first[1:], made, strict=True))
        and all(all_.reads(ref) == 1 for ref in made)
    )


def _follows(all_: Lines, end: Group, one: Group) -> bool:
    """Whether one reads what the end of a block makes, and both end in ReLU: in all calls, under no `if`."""
    first = all_.lines[one.lines[0]]
    ends = all(piece.line(Role.RELU) is not None for piece in (end, one)) and end.line(Role.ADD) is not None
    plain = one.parts[0][0] is Role.CONV and first.flag < 0 and all_.lines[end.lines[0]].flag < 0
    return ends and plain and first.step.ins == (Ref(end.lines[-1]),)


def _rectifies(lines: Sequence[Line], one: Group) -> bool:
    """Whether it ends in ReLU or nothing, in all calls."""
    end = one.line(Role.RELU)
    return end is None or activations(lines[end]) <= {"relu"}


def _adds_up(all_: Lines, down: Group, end: Group) -> bool:
    """Whether one makes what the other adds, which nobody else reads: in all calls, or under an `if` of its own."""
    made = Ref(down.lines[-1])
    at, flag = (all_.lines[one.lines[0]].flag for one in (end, down))
    own = [place for place, line in enumerate(all_.lines) if line.flag == flag]
    plain = [role for role, _ in down.parts] in ([Role.CONV], [Role.CONV, Role.BN])
    within = at == flag or (at < 0 and own == sorted(down.lines))
    return plain and within and end.residual(all_.lines) == made and all_.reads(made) == 1


# ---- a sum that only some calls have ------------------------------------------------------


def with_sum(all_: Lines, one: Group, seen: Mapping[int, _Seen]) -> Group:
    """The group with the sum behind it that some calls have, alone under its `if`, and all of those can run with it."""
    last = one.lines[-1]
    behind = [
        (place, line)
        for place, line in enumerate(all_.lines)
        if line.flag >= 0 and line.code == SUM and all_.ends[line.flag] == (Ref(place), Ref(last))
    ]
    if (
        one.kernel is Kernel.BLOCK_END
        or one.line(Role.ADD) is not None
        or len(behind) != 1
        or one.parts[-1][0] is Role.RELU
    ):
        return one
    place, line = behind[0]
    other = next((ref for ref in line.step.ins if ref != Ref(last)), None)
    within = [at for at, own in enumerate(all_.lines) if own.flag == line.flag]
    known = all((Role.ADD, place) in seen[call].parts for call, there in enumerate(line.present()) if there)
    if within != [place] or other is None or other.step >= one.lines[0] or not known or all_.reads(Ref(last)) != 2:
        return one
    return Group(one.kernel, (*one.parts, (Role.ADD, place)), optional=line.flag)
