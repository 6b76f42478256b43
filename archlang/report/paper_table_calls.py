"""A paper's table with a row for each call of a block, and a column for each of its parameters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from archlang.ir.graph import Node
from archlang.ir.network import Network
from archlang.ir.scope import Binding, Kind, Scope
from archlang.ops.map2d import show
from archlang.ops.notation import kernel_text, value_text
from archlang.passes.cost import Cost, costs, said, total, totals
from archlang.passes.depth import depth
from archlang.record import record
from archlang.report.cells import rounded
from archlang.report.paper_table_cells import Cell, branches, call_text, is_shown, layer_text, plain
from archlang.report.paper_table_frame import Line, PaperTable, heads, hidden, title, variant
from archlang.report.paper_table_headings import headings, patch
from archlang.report.paper_table_rows import Row


@record
class Call:
    """What a row calls: the block, what it was called with, and how many times over."""

    scope: Scope
    binding: Binding
    times: int


def calls_of(found: Sequence[Row]) -> dict[int, Call]:
    """By index the rows that call the block the table is about; none if it is about variants."""
    calls = {i: call for i, row in enumerate(found) if (call := _call(row)) is not None and _columns([call])}
    kinds = Counter(id(call.binding.definition) for call in calls.values())
    for kind, many in kinds.most_common():
        of_kind = {i: call for i, call in calls.items() if id(call.binding.definition) == kind}
        places = Counter(found[i].key[:2] for i in of_kind)
        side_by_side = any(branches(found[i].nodes, found[i].outside) for i in of_kind)
        if many > 1 and (side_by_side or max(places.values()) > 1):
            return of_kind
    return {}


def _call(row: Row) -> Call | None:
    """The one block that a row consists of, or the copies of it."""
    held: dict[int, Scope] = {}
    for node in row.nodes:
        inside = [s for s in _until(node, row.outside) if s.kind in (Kind.REPEAT, Kind.COPY, Kind.BLOCK)]
        block = next((s for s in inside[::-1] if s.kind is not Kind.REPEAT and s.kind is not Kind.COPY), None)
        if block is None or block.binding is None:
            return None
        held.setdefault(id(block), block)
    blocks = list(held.values())
    first = blocks[0]
    if first.binding is None or any(b.binding and b.binding.definition is not first.binding.definition for b in blocks):
        return None
    return Call(first, first.binding, len(blocks))


def _until(node: Node, base: Scope | None) -> list[Scope]:
    found: list[Scope] = []
    for scope in node.scope.chain():
        if scope is base:
            break
        found.append(scope)
    return found


def _columns(calls: Sequence[Call]) -> list[str]:
    """The parameters that have no default, and those whose value is not the same in all calls."""
    first = calls[0].binding
    return [
        p.name
        for p in first.definition.parameters
        if (p.default is None or len({_text(call, p.name) for call in calls}) > 1) and _text(calls[0], p.name)
    ]


def _text(call: Call, name: str) -> str:
    value: Any = call.binding.parameters.get(name)
    return value_text(value) if isinstance(value, int | float | str) else ""


def by_call(network: Network, found: Sequence[Row], calls: Mapping[int, Call]) -> PaperTable:
    """The table of `network`, whose rows `found` are calls of one block at the indices of `calls`."""
    names = _columns(list(calls.values()))
    repeats = any(call.times > 1 for call in calls.values())
    first = next(iter(calls))
    numbers = (*headings(names, found[first].nodes, calls[first].scope), *(["repeats"] if repeats else []))
    head = ("type", "patch/stride", "output", "depth", *numbers, "params", "ops")
    by_node = costs(network)
    lines: list[Line] = []
    for i, row in enumerate(found):
        told = _told(row, calls.get(i), names, repeats=repeats)
        if told is not None:
            (what, patch), middle = told
            deep = depth(network, frozenset(node.id for node in row.nodes))
            cells = (what, patch, plain(show(row.output)), plain(str(deep) if deep else ""), *map(plain, middle))
            lines.append(
                _counted((*cells, *[()] * (len(head) - 2 - len(cells))), total(by_node[n.id] for n in row.nodes))
            )
    counted = totals(network, by_node)
    last = Cost(counted.params, counted.macs, counted.activation_bytes, counted.unsaid)
    cells = (plain("total"), (), (), plain(str(depth(network))), *[()] * len(numbers))
    lines.append(_counted(cells, last, foot=True))
    notes = (variant(network), heads(network), hidden([network], also=("lrn",)), "ops are multiply-accumulates.")
    return PaperTable(title(network), head, tuple(lines), tuple(filter(None, notes)), frozenset(range(3, len(head))))


def _told(
    row: Row, call: Call | None, names: Sequence[str], *, repeats: bool
) -> tuple[tuple[Cell, Cell], list[str]] | None:
    """What stands under *type* and *patch/stride*, and the numbers of a call; None for what has no line."""
    if call is not None:
        named = f"{_type(call.scope, row.nodes)} ({row.name})" if row.name else _type(call.scope, row.nodes)
        return (plain(named), ()), [*(_text(call, name) for name in names), *([str(call.times)] if repeats else [])]
    other = _call(row)
    if other is not None and len(row.cell) == 1 and branches(row.nodes, row.outside):
        return (plain(call_text(other.scope)), ()), [*([""] * len(names)), *([str(other.times)] if repeats else [])]
    if any(is_shown(node.op) and node.op.family != "lrn" for node in row.nodes):
        return _layers(row), []
    return None


def _type(scope: Scope, nodes: Sequence[Node]) -> str:
    """The name of the block, or of the one that it does nothing but repeat."""
    inner: set[str] = set()
    for node in nodes:
        chain = list(node.scope.chain())
        inside = chain[: chain.index(scope)][::-1] if scope in chain else []
        kinds = [each for each in inside if each.kind in (Kind.REPEAT, Kind.COPY, Kind.BLOCK)]
        held = [each for each in kinds if each.kind is Kind.BLOCK]
        inner.add(held[0].title if held and kinds[0].kind is Kind.REPEAT else "")
    return inner.pop() if len(inner) == 1 and "" not in inner else scope.title


def _counted(cells: Sequence[Cell], cost: Cost, *, foot: bool = False) -> Line:
    """The cells with parameters and multiply-accumulates behind them, nothing where there are none."""
    at = len(cells)
    params = said(rounded(cost.params) if cost.params else "", cost, "params")
    macs = said(rounded(cost.macs) if cost.macs != 0 else "", cost, "macs")
    exact_params = said(str(cost.params) if cost.params else "", cost, "params")
    exact_macs = said(str(cost.macs) if cost.macs != 0 else "", cost, "macs")
    return Line((*cells, plain(params), plain(macs)), ((at, exact_params), (at + 1, exact_macs)), foot)


def _layers(row: Row) -> tuple[Cell, Cell]:
    """What a row that is no call consists of, and for one layer with a kernel its patch and stride."""
    shown = [node for node in row.nodes if is_shown(node.op) and node.op.family != "lrn"]
    op = shown[0].op
    if len(shown) == 1 and op.kernel_option is not None:
        kernel, stride = getattr(op, op.kernel_option), getattr(op, op.stride_option or "", None)
        return plain(op.word), plain(f"{patch(kernel)}/{kernel_text(kernel if stride is None else stride)}")
    if len(shown) == 1:
        return plain(layer_text(shown[0])), ()
    return tuple(entry for entry in row.cell if entry.layers != ("LRN",)), ()
