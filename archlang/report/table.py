"""The summary as aligned plain text, by stage."""

from __future__ import annotations

from archlang.report.cells import HEADINGS, NUMERIC, heading, row, stages, subtotal, totals
from archlang.report.grid import line, ruler, widest
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
    widths = widest(HEADINGS, rows)
    right = range(NUMERIC, len(HEADINGS))
    rule = ruler(widths)
    lines = [f"{summary.title}  input {summary.sizes}", heading(summary), "", line(HEADINGS, widths, right), rule]
    for i, cells in enumerate(rows, 1):
        lines.append(line(cells, widths, right))
        if i in rules and i < len(rows):
            lines.append("")
    lines.append(rule)
    below = totals(summary)
    width = max(len(what) for what, _ in below)
    lines += [f"{what:<{width}}  {much}" for what, much in below]
    return "\n".join(lines) + "\n"
