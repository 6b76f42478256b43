"""The summary as aligned plain text, by stage."""

from __future__ import annotations

from archlang.report.cells import HEADINGS, NUMERIC, heading, row, stages, subtotal, totals
from archlang.report.summary import Summary


def write(summary: Summary) -> str:
    """The table: a heading that says what is counted, layers by stage with subtotals, totals."""
    rows: list[tuple[str, ...]] = []
    rules: set[int] = set()
    for name, layers in stages(summary.layers):
        rows.extend(row(layer, summary.batch) for layer in layers)
        if name and len(layers) > 1:
            rows.append(subtotal(f"  = {name}", layers, summary.batch))
            rules.add(len(rows))
    widths = [max(len(cells[i]) for cells in (HEADINGS, *rows)) for i in range(len(HEADINGS))]
    ruler = "-" * (sum(widths) + 2 * (len(widths) - 1))
    lines = [f"{summary.title}  input {summary.sizes}", heading(summary), "", _line(HEADINGS, widths), ruler]
    for i, cells in enumerate(rows, 1):
        lines.append(_line(cells, widths))
        if i in rules and i < len(rows):
            lines.append("")
    lines.append(ruler)
    below = totals(summary)
    width = max(len(what) for what, _ in below)
    lines += [f"{what:<{width}}  {much}" for what, much in below]
    return "\n".join(lines) + "\n"


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    padded = [
        cell.rjust(width) if i >= NUMERIC else cell.ljust(width)
        for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join(padded).rstrip()
