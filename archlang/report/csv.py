"""The summary as CSV: one line a layer, exact numbers."""

from __future__ import annotations

import csv
import io

from archlang.ops.dim import Size
from archlang.ops.map2d import show
from archlang.report.cells import field_cells
from archlang.report.summary import Summary

COLUMNS = (
    "name",
    "kind",
    "inputs",
    "output",
    "params",
    "macs",
    "activation_bytes",
    "field",
    "stride",
    "offset",
    "stage",
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def write(summary: Summary) -> str:
    """A line of column names, then a line a layer; the cell of a count that a layer does not say is empty."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(COLUMNS)
    for layer in summary.layers:
        field = field_cells(layer.field)
        words = (layer.name, layer.kind, " ".join(layer.inputs), show(layer.output))
        macs, activation = summary.batch * layer.macs, summary.batch * layer.activation_bytes
        params = "" if "params" in layer.unsaid else layer.params
        numbers = (params, "" if "macs" in layer.unsaid else _exact(macs), _exact(activation))
        lines.writerow([*map(defused, words), *numbers, field[0], field[1], _number(field[2]), defused(layer.stage)])
    return text.getvalue()


def _exact(size: Size) -> int | str:
    return size if isinstance(size, int) else defused(str(size))


def defused(cell: str) -> str:
    """The cell, with a quote before what a spreadsheet would run."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _number(cell: str) -> str:
    """A negative number is no formula; anything else that begins like one is defused."""
    try:
        float(cell)
    except ValueError:
        return defused(cell)
    return cell
