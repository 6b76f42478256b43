"""The rows of a paper's table: the stages of a network, or its statements, in the order of the file."""

from __future__ import annotations

from collections.abc import Sequence

from archlang.ir.graph import Node
from archlang.ir.network import Network
from archlang.ir.scope import Kind, Scope
from archlang.ops.op import Shape
from archlang.record import record
from archlang.report.paper_table_cells import Cell, content, is_short, is_shown

Key = tuple[str, int, int, int, int]
"""Where a row stands: its file and place there, which of those placed from there, and its place within a stage."""


@record
class Row:
    """Some layers of a network that share a row. `scope` holds them all; `output` is the shape after them.

    `name` is that of the stage or label, "" if it has none.
    """

    key: Key
    name: str
    nodes: tuple[Node, ...]
    scope: Scope | None
    output: Shape

    @property
    def outside(self) -> Scope | None:
        """The scope that what the row says is told under."""
        if self.scope is None:
            return self.nodes[0].scope
        return self.scope if self.scope.kind is Kind.STAGE else self.scope.parent

    @property
    def cell(self) -> Cell:
        """What the row says of its layers."""
        return content(self.nodes, self.outside)


def rows(network: Network) -> list[Row]:
    """The rows of a network in order, train-only heads and inputs left out, and what a table does not show."""
    holders = [(node, _holder(node.scope)) for node in network.graph if _is_told(network, node)]
    opened = _opened(holders)
    runs: dict[int, tuple[Scope | None, list[Node]]] = {}
    for node, _ in holders:
        scope = _holder(node.scope, opened)
        runs.setdefault(-node.id - 1 if scope is None else id(scope), (scope, []))[1].append(node)
    found: list[Row] = []
    seen: dict[tuple[str, int], int] = {}
    for scope, nodes in runs.values():
        span = scope.span if scope else nodes[0].span
        place = span.source.name, span.start
        seen[place] = seen.get(place, -1) + 1
        found += _divided(network, (*place, seen[place]), scope, nodes)
    return found


def _is_told(network: Network, node: Node) -> bool:
    return bool(node.inputs) and node.id not in network.train_only


def _opened(holders: Sequence[tuple[Node, Scope | None]]) -> frozenset[int]:
    """Repeats of one plain layer that are written out: each copy has its row."""
    copies: dict[int, dict[int, list[Node]]] = {}
    for node, holder in holders:
        if holder is not None and holder.kind is Kind.REPEAT:
            copy = next(id(s) for s in node.scope.chain() if s.parent is holder)
            copies.setdefault(id(holder), {}).setdefault(copy, []).append(node)
    return frozenset(key for key, each in copies.items() if is_short(list(each.values())))


def _holder(scope: Scope, opened: frozenset[int] = frozenset()) -> Scope | None:
    """The scope that makes a row: a stage of one line, a repeat, a call, a group; None if the layer stands free."""
    for each in list(scope.chain())[::-1]:
        if not (_is_open(each) or id(each) in opened):
            return each
    return None


def _is_open(scope: Scope) -> bool:
    """Whether what a scope holds has rows of its own."""
    if scope.kind in (Kind.NET, Kind.TRUNK, Kind.COPY):
        return True
    if scope.kind is Kind.STAGE:
        return scope.span.source.text[scope.span.end :].lstrip().startswith("{")
    return scope.title == "for" if scope.kind is Kind.REPEAT else scope.kind is Kind.GROUP and scope.label is None


def _divided(network: Network, place: tuple[str, int, int], scope: Scope | None, nodes: Sequence[Node]) -> list[Row]:
    """A stage in parts: what leads to a pool, the pool, what follows it; anything else is one row."""
    name = _name(scope, nodes)
    if scope is None or scope.kind is not Kind.STAGE:
        return _row(network, (*place, 0, 0), name, nodes, scope)
    parts: list[list[Node]] = [[]]
    for node in nodes:
        ends = node.op.family in ("pool", "gap", "gmp") and _is_direct(node, scope)
        if ends:
            parts += [[node], []]
        else:
            parts[-1].append(node)
    found: list[Row] = []
    for index, part in enumerate(parts):
        start = part[0].span.start if index % 2 else 0
        found += _row(network, (*place, index, start), name if index == 0 else "", part, scope)
    return found


def _is_direct(node: Node, stage: Scope) -> bool:
    """Whether a layer stands in the stage itself, no repeat or construct between."""
    for scope in node.scope.chain():
        if scope is stage:
            return True
        if scope.kind not in (Kind.WORD, Kind.GROUP, Kind.SEQ):
            return False
    return False


def _row(network: Network, key: Key, name: str, nodes: Sequence[Node], scope: Scope | None) -> list[Row]:
    if not any(is_shown(node.op) for node in nodes):
        return []
    return [Row(key, name, tuple(nodes), scope, network.shapes[nodes[-1].id])]


def _name(scope: Scope | None, nodes: Sequence[Node]) -> str:
    if scope is None:
        return nodes[0].label or ""
    return scope.label or (scope.title if scope.kind is Kind.STAGE else "")
