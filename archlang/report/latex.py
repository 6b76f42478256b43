"""The summary as a LaTeX table, for `booktabs`."""

from __future__ import annotations

from archlang.report.cells import HEADINGS, NUMERIC, heading, row, stages, subtotal, totals
from archlang.report.summary import Summary
from archlang.tex import escaped


def write(summary: Summary) -> str:
    """A `longtable` of the layers by stage, the totals below."""
    columns = "l" * NUMERIC + "r" * (len(HEADINGS) - NUMERIC)
    lines = [
        "% needs \\usepackage{booktabs,longtable}",
        f"\\begin{{longtable}}{{{columns}}}",
        f"\\caption{{{escaped(summary.title)}, input {escaped(summary.sizes)}. {escaped(heading(summary))}}} \\\\",
        "\\toprule",
        _line(HEADINGS),
        "\\midrule",
        "\\endhead",
    ]
    for name, layers in stages(summary.layers):
        lines += [_line(row(layer, summary.batch)) for layer in layers]
        if name and len(layers) > 1:
            cells = subtotal(name, layers, summary.batch)
            lines += [_line(cells, bold=True), "\\addlinespace"]
    lines.append("\\midrule")
    for what, much in totals(summary):
        lines.append(f"\\multicolumn{{{NUMERIC}}}{{l}}{{{escaped(what)}}} & ")
        lines[-1] += f"\\multicolumn{{{len(HEADINGS) - NUMERIC}}}{{l}}{{{escaped(much)}}} \\\\"
    lines += ["\\bottomrule", "\\end{longtable}"]
    return "\n".join(lines) + "\n"


def _line(cells: tuple[str, ...], *, bold: bool = False) -> str:
    texts = [escaped(cell) for cell in cells]
    return " & ".join(f"\\textbf{{{text}}}" if bold and text else text for text in texts) + " \\\\"
