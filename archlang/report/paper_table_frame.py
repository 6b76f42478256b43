"""What stands around the rows of a paper's table: its heading, its notes, and the records that hold all of it."""

from __future__ import annotations

from collections.abc import Sequence

from archlang.ir.network import Network
from archlang.ops.map2d import show
from archlang.record import record
from archlang.report.paper_table_cells import GATE, Cell, Entry, is_shown


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


def title(network: Network, *, sizes: bool = True) -> str:
    """`VGG (arXiv:1409.1556), input 3x224x224`, or without the input's size."""
    paper = f" ({network.paper})" if network.paper else ""
    return f"{network.name}{paper}{f', input {inputs(network)}' if sizes else ''}"


def inputs(network: Network) -> str:
    """The sizes of its inputs: `3x224x224`."""
    return ", ".join(show(network.shapes[id_]) for id_ in network.inputs)


def variant(network: Network) -> str:
    """Which variant the table is of, as a sentence."""
    return f"This is the variant {network.variant}." if network.variant else ""


def heads(network: Network) -> str:
    """How many heads are left out, as a sentence."""
    many = len(network.heads)
    return f"Without {many} head{'s' * (many != 1)} that only training runs." if many else ""


def hidden(networks: Sequence[Network], also: tuple[str, ...] = ()) -> str:
    """Which words have no line, as a sentence."""
    words = dict.fromkeys(
        node.op.word
        for network in networks
        for node in network.graph
        if node.op.arity == 1 and node.op.told is None and node.op.family not in ("flatten", "identity", "slice")
        if node.id not in network.train_only and (not is_shown(node.op) or node.op.family in also)
    )
    return f"Not shown: {', '.join(words)}." if words else ""


def brackets(lines: Sequence[Line]) -> list[str]:
    """What brackets leave out and what a gate in them is, as sentences, where there are any."""
    entries: list[Entry] = [entry for line in lines for cell in line.cells for entry in cell]
    notes: list[str] = []
    if any(entry.bracket for entry in entries):
        notes.append("Brackets leave out shortcuts, and the strides of convolutions, which the output size has.")
    if any(GATE in layer for entry in entries for layer in entry.layers):
        notes.append(f"{GATE} [hidden, features] multiplies a map by what two layers make of its mean.")
    return notes
