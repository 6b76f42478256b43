"""The table of a paper, given back from its file: a column a variant, or a row a call of the block it is made of."""

from __future__ import annotations

from collections.abc import Sequence

from archlang.ir.most import TABLE, few_enough
from archlang.ir.network import Network
from archlang.ops.dim import Size
from archlang.ops.map2d import show
from archlang.ops.op import Shape
from archlang.passes.cost import Totals, costs, said, totals
from archlang.passes.depth import depth
from archlang.report.cells import rounded
from archlang.report.paper_table_align import aligned
from archlang.report.paper_table_calls import by_call, calls_of
from archlang.report.paper_table_cells import Cell, plain
from archlang.report.paper_table_frame import Line, PaperTable, brackets, heads, hidden, inputs, title
from archlang.report.paper_table_marks import marked
from archlang.report.paper_table_rows import rows

OUTPUTS = 3
"""Different output sizes that a row names; of more it says that they vary."""


def paper_table(networks: Sequence[Network], usual: Network, *, side_by_side: bool = False) -> PaperTable:
    """The table of a net. `networks` are its variants in order, `usual` the one that is meant where none is said.

    Where a block with branches, or a `table` of the file, makes several rows,
    each call is a row and each of its parameters a column, for `usual` alone;
    else, and always with `side_by_side`, each variant is a column.
    """
    for network in networks:
        few_enough(network, TABLE)
    found = rows(usual)
    calls = {} if side_by_side else calls_of(found)
    return by_call(usual, found, calls) if calls else _by_variant(networks)


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
    sizes = [inputs(network) for network in networks]
    if len(set(sizes)) > 1:
        lines.insert(0, Line((*[plain("input")] * named, () if named else plain("input"), *map(plain, sizes))))
    variants = [network.variant or network.name for network in networks]
    start = len(lead)
    notes = [heads(first), hidden(networks), *brackets(lines)]
    if any(entry.bold or entry.bold_times for line in lines for cell in line.cells for entry in cell):
        notes.append("Bold is what a column adds or changes against the one before it.")
    return PaperTable(
        title(first, sizes=len(set(sizes)) == 1),
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
        ("parameters", [_both(each, "params", each.params) for each in counted]),
        ("MACs", [_both(each, "macs", each.macs) for each in counted]),
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


def _both(counted: Totals, what: str, count: Size) -> tuple[str, str]:
    """A total, rounded and exact."""
    return said(rounded(count), counted, what), said(str(count), counted, what)


def _output(shapes: Sequence[Shape]) -> str:
    """The size of a map, `56x56`, or the features; of several variants each once."""
    sizes = list(dict.fromkeys(show(shape[1:] if len(shape) == 3 else shape) for shape in shapes))
    return " / ".join(sizes) if len(sizes) <= OUTPUTS else "varies"
