"""A paper's table as Markdown, LaTeX, HTML and CSV. Words may be anybody's: each format escapes them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from html import escape

from archlang.report.csv import defused
from archlang.report.grid import escaped as markdown_escaped
from archlang.report.grid import markdown
from archlang.report.paper_table import Line, PaperTable
from archlang.report.paper_table_cells import Cell, Entry
from archlang.tex import escaped as latex_escaped


def write(table: PaperTable, format: str) -> str:  # noqa: A002 - it is what the format is called
    """The table as text: `format` is one of `FORMATS`. Raises ValueError for another."""
    *most, last = FORMATS
    if format not in FORMATS:
        raise ValueError(f"a table's format is {', '.join(most)} or {last}, not {format!r}")
    return FORMATS[format](table)


def _words(text: str) -> str:
    """The text on one line, without what no printer shows."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _shared(table: PaperTable, line: Line) -> Cell | None:
    """The cell that all columns of variants share, if they do."""
    cells = [line.cells[i] for i in table.spanned]
    alike = len(cells) > 1 and len(set(cells)) == 1 and len(cells[0]) == 1 and not line.foot
    return cells[0] if alike else None


# ---- Markdown ----------------------------------------------------------------


def _markdown(table: PaperTable) -> str:
    head = [_markdown_text(title) for title in table.head]
    lines = [[_markdown_cell(cell) for cell in line.cells] for line in table.lines]
    text = [f"**{_markdown_text(table.title)}**", "", *markdown(head, lines, table.right)]
    text += ["", *(_markdown_text(note) for note in table.notes)] if table.notes else []
    return "\n".join(text) + "\n"


def _markdown_text(text: str) -> str:
    return markdown_escaped(_words(text))


def _markdown_cell(cell: Cell) -> str:
    return "<br>".join(_joined(entry, _markdown_text, "**{}**") for entry in cell)


def _joined(entry: Entry, text: Callable[[str], str], strong: str) -> str:
    """A line of a cell: what it holds, its multiplier, each in bold if it is."""
    if entry.bold and entry.bold_times:
        return strong.format(text(entry.text))
    parts = [(entry.body, entry.bold), (entry.multiplier, entry.bold_times)]
    return " ".join(strong.format(text(part)) if heavy else text(part) for part, heavy in parts if part)


# ---- LaTeX -------------------------------------------------------------------


def _latex(table: PaperTable) -> str:
    columns = "".join("r" if i in table.right else "l" for i in range(len(table.head)))
    text = [
        "% needs \\usepackage{booktabs}",
        "\\begin{table}",
        "\\centering",
        f"\\caption{{{_latex_text('. '.join([table.title, *(n.rstrip('.') for n in table.notes)]))}.}}",
        f"\\begin{{tabular}}{{{columns}}}",
        "\\toprule",
        " & ".join(map(_latex_text, table.head)) + " \\\\",
        "\\midrule",
    ]
    foot = False
    for line in table.lines:
        text += ["\\midrule"] if line.foot and not foot else []
        foot = line.foot
        text.append(" & ".join(_latex_cells(table, line)) + " \\\\")
        text += ["\\addlinespace"] if any(entry.bracket for cell in line.cells for entry in cell) else []
    return "\n".join([*text, "\\bottomrule", "\\end{tabular}", "\\end{table}"]) + "\n"


def _latex_cells(table: PaperTable, line: Line) -> list[str]:
    shared = _shared(table, line)
    if shared is None:
        return [_latex_cell(cell) for cell in line.cells]
    before = [_latex_cell(cell) for cell in line.cells[: table.spanned.start]]
    return [*before, f"\\multicolumn{{{len(table.spanned)}}}{{c}}{{{_latex_cell(shared)}}}"]


def _latex_cell(cell: Cell) -> str:
    return _stacked([_latex_entry(entry) for entry in cell], "l")


def _latex_entry(entry: Entry) -> str:
    if not entry.bracket:
        return _joined(entry, _latex_text, "\\textbf{{{}}}")
    layers = [_strong(_latex_text(layer), heavy=entry.bold) for layer in entry.layers]
    body = f"$\\left[\\mbox{{{_stacked(layers, 'c')}}}\\right]$"
    times = f"\\,$\\times${entry.times}" if entry.times > 1 else ""
    return body + _strong(times, heavy=entry.bold_times)


def _strong(text: str, *, heavy: bool) -> str:
    return f"\\textbf{{{text}}}" if heavy and text else text


def _stacked(lines: Sequence[str], side: str) -> str:
    """Several lines in one cell."""
    if len(lines) < 2:
        return "".join(lines)
    return f"\\begin{{tabular}}{{@{{}}{side}@{{}}}}" + " \\\\ ".join(lines) + "\\end{tabular}"


def _latex_text(text: str) -> str:
    words = latex_escaped(_words(text))
    for mark, safe in (
        ("*", "{*}"),
        ("[", "{[}"),
        ("]", "{]}"),
        ("<", "\\textless{}"),
        (">", "\\textgreater{}"),
        ("|", "\\textbar{}"),
    ):
        words = words.replace(mark, safe)
    return words


# ---- HTML --------------------------------------------------------------------

_SPACING = "border-spacing: 1em 0.25em"


def _html(table: PaperTable) -> str:
    caption = "<br>".join(_html_text(text) for text in (table.title, *table.notes))
    text = [f'<table style="{_SPACING}">', f"<caption>{caption}</caption>", "<thead>"]
    head = [f'<th scope="col">{_html_text(title)}</th>' for title in table.head]
    text += [f"<tr>{''.join(head)}</tr>", "</thead>"]
    body, foot = [line for line in table.lines if not line.foot], [line for line in table.lines if line.foot]
    text += ["<tbody>", *(_html_line(table, line) for line in body), "</tbody>"]
    text += ["<tfoot>", *(_html_line(table, line) for line in foot), "</tfoot>"]
    return "\n".join([*text, "</table>"]) + "\n"


def _html_line(table: PaperTable, line: Line) -> str:
    shared = _shared(table, line)
    cells = line.cells if shared is None else line.cells[: table.spanned.start]
    tags = [f"<td{_side(table, i)}>{_html_cell(cell)}</td>" for i, cell in enumerate(cells)]
    if shared is not None:
        tags.append(f'<td colspan="{len(table.spanned)}" style="text-align: center">{_html_cell(shared)}</td>')
    return f"<tr>{''.join(tags)}</tr>"


def _side(table: PaperTable, column: int) -> str:
    return ' style="text-align: right"' if column in table.right else ""


def _html_cell(cell: Cell) -> str:
    return "<br>".join(_joined(entry, _html_text, "<strong>{}</strong>") for entry in cell)


def _html_text(text: str) -> str:
    return escape(_words(text))


# ---- CSV ---------------------------------------------------------------------


def _csv(table: PaperTable) -> str:
    """A line of headings, then a line a row, with exact numbers."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow([defused(_words(title)) for title in table.head])
    for line in table.lines:
        exact = dict(line.exact)
        said = ["; ".join(entry.text for entry in cell) for cell in line.cells]
        lines.writerow([defused(_words(exact.get(i, each))) for i, each in enumerate(said)])
    return text.getvalue()


FORMATS: Mapping[str, Callable[[PaperTable], str]] = {
    "markdown": _markdown,
    "latex": _latex,
    "html": _html,
    "csv": _csv,
}
"""How each format is written."""
