"""Calls of one block that give out the same tensors, where only some are asked for all, so that one class does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from archlang.emit.bodies import Bodies, Body, Step, chain
from archlang.emit.numbered import said_at
from archlang.emit.origins import is_body, origin
from archlang.emit.reach import indexed
from archlang.emit.units import Tree, Unit, above
from archlang.ir.graph import Node


def even(tree: Tree, bodies: Bodies) -> frozenset[int]:
    """Let the calls of a block make what one of them makes; the tensors that are given out for that reason alone.

    What stands in an `nn.Sequential` has one output, so a block with a call there is left alone.
    """
    groups: dict[Any, list[Unit]] = defaultdict(list)
    for unit in tree.root.units():
        if unit.parent is None:
            continue
        if unit.again is not None:  # the same module: whatever it returns, both calls get
            groups.setdefault(id(unit.again), [unit.again]).append(unit)
        elif not unit.open and unit.binding is not None:
            groups[origin(unit)].append(unit)
    added: set[int] = set()
    count = -1
    while count < len(added):  # what an inner block gives out more, its other calls give out too
        count = len(added)
        for units in groups.values():
            if any(len(unit.makes) != 1 for unit in units) and len({_made(unit) for unit in units}) > 1:
                added |= _evened(tree, bodies, units)
    return frozenset(added)


def kept_apart(units: Sequence[Unit], bodies: Sequence[Body]) -> list[Body]:
    """The same bodies, where a layer that overwrites its input in some calls, and may not in others, does in none."""
    places = [[said_at(unit, step) for step in body.steps] for unit, body in zip(units, bodies, strict=True)]
    kinds: dict[Any, set[bool]] = defaultdict(set)
    for own, body in zip(places, bodies, strict=True):
        for place, step in zip(own, body.steps, strict=True):
            kinds[place].add(step.inplace)
    mixed = {place for place, found in kinds.items() if place and len(found) > 1}
    if not mixed:
        return list(bodies)
    return [
        replace(
            body, steps=tuple(_apart(step) if at in mixed else step for at, step in zip(own, body.steps, strict=True))
        )
        for own, body in zip(places, bodies, strict=True)
    ]


def _apart(step: Step) -> Step:
    return replace(step, code=step.code.replace(", inplace=True)", ")"), inplace=False)


def _made(unit: Unit) -> tuple[str, ...]:
    """The tensors that a call makes, by their layers' names in the block."""
    makers = {node.id: node for node in unit.nodes()}
    return tuple([_name(unit, makers[id_]) for id_ in unit.makes])


def _name(unit: Unit, node: Node) -> str:
    return node.path[len(unit.path) + 1 :]


def _evened(tree: Tree, bodies: Bodies, units: Sequence[Unit]) -> set[int]:
    """Give each call what the others make; nothing where some call lacks it, or cannot give it out."""
    names = {name for unit in units for name in _made(unit)}
    lacking: list[tuple[Unit, Node]] = []
    for unit in units:
        known = {_name(unit, node): node for node in unit.nodes()}
        if any(name not in known for name in names):
            return set()
        lacking += [(unit, known[name]) for name in names if known[name].id not in unit.makes]
    if len({known.op.word for _, known in lacking}) > len(names):
        return set()
    around = {id(one): one for unit, node in lacking for one in _between(tree, unit, node)}
    if any(one.again is None and not _gives_many(one, bodies) for one in (*units, *around.values())):
        return set()
    for one, node in lacking:
        for holder in _between(tree, one, node):
            holder.makes = tuple(sorted({*holder.makes, node.id}))
    return {node.id for _, node in lacking}


def _between(tree: Tree, unit: Unit, node: Node) -> list[Unit]:
    """The units that hold a layer, out to one that it stands in."""
    holders: list[Unit] = []
    for holder in above(tree.of[node.id]):
        holders.append(holder)
        if holder is unit:
            break
    return holders


def _gives_many(unit: Unit, bodies: Bodies) -> bool:
    """Whether a forward calls it, which can take several tensors of it."""
    at = unit.parent
    while at is not None and at.open and at.parent is not None:
        at = at.parent
    if at is None or (unit.train and not at.train):
        return False
    return at.parent is None or (is_body(at) and not indexed(at)) or chain(at, bodies) is None
