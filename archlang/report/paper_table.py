"""The table of a paper, given back from its file: a column a variant, or a row a call of the block it is made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from archlang.ir.graph import Node
from archlang.ir.network import Network
from archlang.ir.scope import Binding, Kind, Scope
from archlang.ops.map2d import show
from archlang.ops.notation import kernel_text, value_text
from archlang.ops.op import Shape
from archlang.passes.cost import Cost, costs, total, totals
from archlang.passes.depth import depth
from archlang.record import record
from archlang.report.cells import rounded
from archlang.report.paper_table_cells import Cell, Entry, branches, call_text, is_shown, layer_text, plain
from archlang.report.paper_table_marks import marked
from archlang.report.paper_table_rows import Row, aligned, rows

OUTPUTS = 3
"""Different output sizes that a row names; of more it says that they vary."""


@record
class Line:
    """A row as it is printed. `exact` are the numbers that a cell rounds, by column; totals stand at the foot."""

    cells: tuple[Cell, ...]
    exact: tuple[tuple[int, str], ...] = ()
    foot: bool = False


@record
class PaperTable:
    """A table of a paper. `right` are the columns of numbers, `spanned` those that may share one cell if they agree."""

    title: str
    head: tuple[str, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...]
    right: frozenset[int] = frozenset()
    spanned: range = range(0)


@record
class _Call:
    """What a row calls: the block, what it was called with, and how many times over."""

    scope: Scope
    binding: Binding
    times: int


def paper_table(networks: Sequence[Network], usual: Network, *, side_by_side: bool = False) -> PaperTable:
    """The table of a net. `networks` are its variants in order, `usual` the one that is meant where none is said.

    Where a block with branches, or a `table` of the file, makes several rows,
    each call is a row and each of its parameters a column, for `usual` alone;
    else, and always with `side_by_side`, each variant is a column.
    """
    found = rows(usual)
    calls = {} if side_by_side else _calls(found)
    return _by_call(usual, found, calls) if calls else _by_variant(networks)


# ---- a column a variant ------------------------------------------------------


def _by_variant(networks: Sequence[Network]) -> PaperTable:
    first = networks[0]
    grid = aligned([rows(network) for network in networks])
    named = any(row.name for line in grid for row in line if row)
    lines: list[Line] = []
    for line in grid:
        here = [row for row in line if row]
        name = plain(next((row.name for row in here if row.name), ""))
        cells = marked([row.cell if row else () for row in line])
        lines.append(Line((*([name] if named else []), plain(_output([row.output for row in here])), *cells)))
    lead = ("stage", "output") if named else ("output",)
    variants = [network.variant or network.name for network in networks]
    start = len(lead)
    notes = [_heads(first), _hidden(networks), _strides(lines)]
    if any(entry.bold or entry.bold_times for line in lines for cell in line.cells for entry in cell):
        notes.append("Bold is what a column adds or changes against the one before it.")
    return PaperTable(
        _title(first),
        (*lead, *variants),
        (*lines, *_sums(networks, start)),
        tuple(filter(None, notes)),
        spanned=range(start, start + len(variants)),
    )


def _sums(networks: Sequence[Network], start: int) -> list[Line]:
    """The last rows: weight layers, parameters, multiply-accumulates of each variant."""
    counted = [totals(network, costs(network)) for network in networks]
    table: list[tuple[str, list[tuple[str, str]]]] = [
        ("weight layers", [(str(many), str(many)) for many in map(depth, networks)]),
        ("parameters", [(rounded(each.params), str(each.params)) for each in counted]),
        ("MACs", [(rounded(each.macs), str(each.macs)) for each in counted]),
    ]
    empty: list[Cell] = [()] * (start - 1)
    return [
        Line(
            (plain(what), *empty, *(plain(short) for short, _ in numbers)),
            tuple((start + i, exact) for i, (_, exact) in enumerate(numbers)),
            foot=True,
        )
        for what, numbers in table
    ]


def _output(shapes: Sequence[Shape]) -> str:
    """The size of a map, `56x56`, or the features; of several variants each once."""
    sizes = list(dict.fromkeys(show(shape[1:] if len(shape) == 3 else shape) for shape in shapes))
    return " / ".join(sizes) if len(sizes) <= OUTPUTS else "varies"


# ---- a row a call ------------------------------------------------------------


def _calls(found: Sequence[Row]) -> dict[int, _Call]:
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


def _call(row: Row) -> _Call | None:
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
    return _Call(first, first.binding, len(blocks))


def _until(node: Node, base: Scope | None) -> list[Scope]:
    found: list[Scope] = []
    for scope in node.scope.chain():
        if scope is base:
            break
        found.append(scope)
    return found


def _columns(calls: Sequence[_Call]) -> list[str]:
    """The parameters that have no default, and those whose value is not the same in all calls."""
    first = calls[0].binding
    return [
        p.name
        for p in first.definition.parameters
        if (p.default is None or len({_text(call, p.name) for call in calls}) > 1) and _text(calls[0], p.name)
    ]


def _text(call: _Call, name: str) -> str:
    value: Any = call.binding.parameters.get(name)
    return value_text(value) if isinstance(value, int | float | str) else ""


def _by_call(network: Network, found: Sequence[Row], calls: dict[int, _Call]) -> PaperTable:
    names = _columns(list(calls.values()))
    repeats = any(call.times > 1 for call in calls.values())
    head = ("type", "patch/stride", "output", *names, *(["repeats"] if repeats else []), "params", "ops")
    by_node = costs(network)
    lines: list[Line] = []
    for i, row in enumerate(found):
        cost = total(by_node[node.id] for node in row.nodes)
        call = calls.get(i)
        if call is not None:
            middle = [_text(call, name) for name in names] + ([str(call.times)] if repeats else [])
            title = f"{call.scope.title} ({row.name})" if row.name else call.scope.title
            lines.append(_counted([plain(title), (), plain(show(row.output)), *map(plain, middle)], cost))
        elif (other := _call(row)) is not None and len(row.cell) == 1 and branches(row.nodes, row.outside):
            middle = [""] * len(names) + ([str(other.times)] if repeats else [])
            lines.append(
                _counted([plain(call_text(other.scope)), (), plain(show(row.output)), *map(plain, middle)], cost)
            )
        elif any(is_shown(node.op) and node.op.family != "lrn" for node in row.nodes):
            middle = [""] * (len(head) - 5)
            lines.append(_counted([*_layers(row), plain(show(row.output)), *map(plain, middle)], cost))
    counted = totals(network, by_node)
    last = Cost(counted.params, counted.macs, counted.activation_bytes)
    lines.append(_counted([plain(_weight_layers(network)), *[()] * (len(head) - 3)], last, foot=True))
    notes = (_variant(network), _heads(network), _hidden([network], also=("lrn",)), "ops are multiply-accumulates.")
    return PaperTable(_title(network), head, tuple(lines), tuple(filter(None, notes)), frozenset(range(3, len(head))))


def _counted(cells: Sequence[Cell], cost: Cost, *, foot: bool = False) -> Line:
    """The cells with parameters and multiply-accumulates behind them, nothing where there are none."""
    at = len(cells)
    params = plain(rounded(cost.params) if cost.params else "")
    macs = plain(rounded(cost.macs) if cost.macs != 0 else "")
    exact = ((at, str(cost.params) if cost.params else ""), (at + 1, str(cost.macs) if cost.macs != 0 else ""))
    return Line((*cells, params, macs), exact, foot)


def _layers(row: Row) -> tuple[Cell, Cell]:
    """What a row that is no call consists of, and for one layer with a kernel its patch and stride."""
    shown = [node for node in row.nodes if is_shown(node.op) and node.op.family != "lrn"]
    op = shown[0].op
    if len(shown) == 1 and op.kernel_option is not None:
        kernel, stride = getattr(op, op.kernel_option), getattr(op, op.stride_option or "", None)
        return plain(op.word), plain(f"{_patch(kernel)}/{kernel_text(kernel if stride is None else stride)}")
    if len(shown) == 1:
        return plain(layer_text(shown[0])), ()
    return tuple(entry for entry in row.cell if entry.layers != ("LRN",)), ()


def _patch(kernel: Any) -> str:
    text = kernel_text(kernel)
    return text if "x" in text else f"{text}x{text}"


def _weight_layers(network: Network) -> str:
    many = depth(network)
    return f"total, {many} weight layer{'s' * (many != 1)}"


# ---- around both -------------------------------------------------------------


def _title(network: Network) -> str:
    """`VGG (arXiv:1409.1556), input 3x224x224`."""
    paper = f" ({network.paper})" if network.paper else ""
    return f"{network.name}{paper}, input {', '.join(show(network.shapes[id_]) for id_ in network.inputs)}"


def _variant(network: Network) -> str:
    return f"This is the variant {network.variant}." if network.variant else ""


def _heads(network: Network) -> str:
    many = len(network.heads)
    return f"Without {many} head{'s' * (many != 1)} that only training runs." if many else ""


def _hidden(networks: Sequence[Network], also: tuple[str, ...] = ()) -> str:
    """Which words have no line, as a sentence."""
    words = dict.fromkeys(
        node.op.word
        for network in networks
        for node in network.graph
        if node.op.arity == 1 and node.op.told is None and node.op.family not in ("flatten", "identity", "slice")
        if node.id not in network.train_only and (not is_shown(node.op) or node.op.family in also)
    )
    return f"Not shown: {', '.join(words)}." if words else ""


def _strides(lines: Sequence[Line]) -> str:
    """What brackets leave out, where there are brackets."""
    entries: list[Entry] = [entry for line in lines for cell in line.cells for entry in cell]
    if not any(entry.bracket for entry in entries):
        return ""
    return "Brackets leave out shortcuts, and the strides of convolutions, which the output size has."
