"""Which steps of a body a forward has to run."""

from __future__ import annotations

from archlang.emit.bodies import Ref, Step
from archlang.emit.classes import Class
from archlang.emit.units import Unit


def identities(made: Class) -> dict[Ref, Ref]:
    """Tensors that are another one by a second name: what `identity` makes, and whose it is."""
    within = {at for flag in made.flags for at in range(flag.start, flag.end)}
    edges = {ref for flag in made.flags for ref in (flag.result, flag.instead)}
    found: dict[Ref, Ref] = {}
    for at, step in enumerate(made.steps):
        if step.code == "{x}" and at not in within and Ref(at) not in edges:
            found[Ref(at)] = found.get(step.ins[0], step.ins[0])
    return found


def is_head(made: Class, step: Step) -> bool:
    """Whether it is a train-only head of the whole network."""
    return made.unit.parent is None and isinstance(step.what, Unit) and step.what.train


def needed(made: Class, same: dict[Ref, Ref]) -> list[int]:
    """The steps that an output or a train-only head needs, in order. `same` are the identities.

    A layer whose output nobody reads has its weights in the module and no place in its forward.
    """
    wanted = {same.get(ref, ref) for ref in made.outs}
    found: list[int] = []
    for at in range(len(made.steps) - 1, -1, -1):
        step = made.steps[at]
        if is_head(made, step) or any(Ref(at, port) in wanted for port in range(step.outs)):
            found.append(at)
            wanted.update(same.get(ref, ref) for ref in step.ins)
            wanted.update(flag.instead for flag in made.flags if flag.result.step == at)
    return found[::-1]
