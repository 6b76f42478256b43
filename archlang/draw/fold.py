"""Copies of a repeat that are alike are drawn once, with how many there are.

Copies are alike when they hold the same layers wired the same way, each fed by the one before it, and nobody
else reads from any but the last. Their sizes may differ: DenseNet's channels grow. So may how much dropout
leaves out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from archlang.draw.companions import Group
from archlang.draw.parts import Part, groups_of
from archlang.ir.scope import Kind
from archlang.ops.dropout import Dropout
from archlang.ops.op import Op


@dataclass(frozen=True, slots=True)
class Folding:
    """How to fold: layers with other `marks`, by id, are not alike; `keep` keeps the copies as well."""

    marks: Mapping[int, str] = field(default_factory=dict[int, str])
    keep: bool = False


_NETWORK = -1
"""Who reads what leaves the network."""


def fold(root: Part, leaving: Iterable[int], folding: Folding) -> None:
    """Folds every repeat of a tree in place, the outer before the inner; `leaving` are the keys somebody asks for."""
    readers: dict[int, list[int]] = {key: [_NETWORK] for key in leaving}
    for group in groups_of(root):
        for key in group.reads:
            readers.setdefault(key, []).append(group.key)
    _fold(root, readers, folding)


def _fold(part: Part, readers: Mapping[int, list[int]], folding: Folding) -> None:
    if part.kind is Kind.REPEAT:
        part.children = _merged(part.children, readers, folding)
    for child in part.children:
        if isinstance(child, Part):
            _fold(child, readers, folding)
            for copy in child.copies:
                _fold(copy, readers, folding)


def _merged(children: Sequence[Part | Group], readers: Mapping[int, list[int]], folding: Folding) -> list[Part | Group]:
    """The children with each run of copies that are alike replaced by its last, fed as the first is."""
    merged: list[Part | Group] = []
    run: list[_Copy] = []
    before: _Copy | None = None
    for child in children:
        if not (isinstance(child, Part) and child.kind is Kind.COPY):
            merged += [*_closed(run, folding), child]
            run, before = [], None
            continue
        copy = _Copy(child, before, folding.marks)
        if run and not _continues(run, copy, readers):
            merged += _closed(run, folding)
            run = []
        run.append(copy)
        before = copy
    return merged + _closed(run, folding)


class _Copy:
    """One copy, its boxes, and what they hold and read in terms that other copies share."""

    def __init__(self, part: Part, before: _Copy | None, marks: Mapping[int, str]) -> None:
        self.part = part
        self.groups = list(groups_of(part))
        self.keys = {group.key: index for index, group in enumerate(self.groups)}
        before_keys = before.keys if before else {}
        self.layers = tuple(_layers(group, part, marks) for group in self.groups)
        self.reads = tuple(tuple(self._read(key, before_keys) for key in group.reads) for group in self.groups)

    def _read(self, key: int, before: Mapping[int, int]) -> tuple[str, int]:
        if key in self.keys:
            return "own", self.keys[key]
        return ("before", before[key]) if key in before else ("outside", key)


def _layers(group: Group, part: Part, marks: Mapping[int, str]) -> tuple[Any, ...]:
    titles: list[tuple[Kind, str]] = []
    for scope in group.nodes[group.main].scope.chain():
        if scope is part.scope:
            break
        titles.append((scope.kind, scope.title))
    return (group.main, tuple((_kind(node.op), marks.get(node.id)) for node in group.nodes), tuple(titles))


def _kind(op: Op) -> Op:
    """The layer, but for how much dropout leaves out, which often grows with depth."""
    return replace(op, p=0.5) if isinstance(op, Dropout) else op


def _continues(run: list[_Copy], copy: _Copy, readers: Mapping[int, list[int]]) -> bool:
    last = run[-1]
    if last.layers != copy.layers:
        return False
    if any(reader not in last.keys and reader not in copy.keys for key in last.keys for reader in readers.get(key, ())):
        return False
    return last.reads == copy.reads if len(run) > 1 else _starts(last, copy)


def _starts(first: _Copy, second: _Copy) -> bool:
    """Whether the second copy reads the first as the first reads what came before the run."""
    meant: dict[int, int] = {}
    for one, other in zip(first.groups, second.groups, strict=True):
        reads = second.reads[second.keys[other.key]]
        if len(one.reads) != len(reads):
            return False
        for key, (where, index) in zip(one.reads, reads, strict=True):
            own = first.keys.get(key)
            if where == "before":
                if own is not None or meant.setdefault(index, key) != key:
                    return False
            elif (where == "own" and own != index) or (where == "outside" and key != index):
                return False
    return True


def _closed(run: Sequence[_Copy], folding: Folding) -> list[Part | Group]:
    if len(run) < 2:
        return [copy.part for copy in run]
    first, last = run[0], run[-1]
    copies = [copy.part for copy in run] if folding.keep else []
    if folding.keep:
        last = _Copy(_twin(last.part), None, folding.marks)
    for one, other in zip(first.groups, last.groups, strict=True):
        other.reads = tuple(
            theirs if key not in last.keys else key for key, theirs in zip(other.reads, one.reads, strict=True)
        )
        other.first = one.nodes
    last.part.times, last.part.copies = len(run), copies
    for one, other in zip(first.part.children, last.part.children, strict=True):
        if isinstance(one, Part) and isinstance(other, Part):
            other.first = one.scope
    return [last.part]


def _twin(part: Part) -> Part:
    """The same part with boxes of its own, to be changed without changing the copy it is made from."""
    children = [_twin(child) if isinstance(child, Part) else replace(child) for child in part.children]
    return replace(part, children=children)
