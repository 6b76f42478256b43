"""The summary as a Markdown table."""

from __future__ import annotations

from archlang.report.cells import HEADINGS, NUMERIC, heading, row, stages, subtotal, totals
from archlang.report.grid import escaped
from archlang.report.summary import Summary


def write(summary: Summary) -> str:
    """A heading, what is counted, the layers by stage, the totals."""
    sides = " | ".join("---:" if i >= NUMERIC else "---" for i in range(len(HEADINGS)))
    lines = [f"## {escaped(summary.title)}, input {escaped(summary.sizes)}", "", heading(summary), ""]
    lines += [_line(HEADINGS), f"| {sides} |"]
    for name, layers in stages(summary.layers):
        lines += [_line(row(layer, summary.batch)) for layer in layers]
        if name and len(layers) > 1:
            cells = subtotal(name, layers, summary.batch)
            lines.append(_line(cells, bold=True))
    lines.append("")
    lines += [f"- {what}: {escaped(much)}" for what, much in totals(summary)]
    return "\n".join(lines) + "\n"


def _line(cells: tuple[str, ...], *, bold: bool = False) -> str:
    texts = [escaped(cell) for cell in cells]
    return f"| {' | '.join(f'**{text}**' if bold and text else text for text in texts)} |"
