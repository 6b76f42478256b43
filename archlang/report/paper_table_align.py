"""The rows of several variants side by side: what one statement makes shares a line, and so does what is of a kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archlang.report.paper_table_cells import is_shown
from archlang.report.paper_table_rows import Key, Row

Line = dict[int, Row]
"""The rows that share a line, by the number of their column."""

_KIND, _SAME, _OUTPUT, _LAYERS = 4, 3, 2, 1
"""What equal families of layers, equal cells, one output size, as many lines are worth to two rows."""


def aligned(columns: Sequence[Sequence[Row]]) -> list[list[Row | None]]:
    """A line has a row of each variant, None where one has none.

    Rows of one statement share a line. Between those, variants that are written
    apart are matched in order, a convolution with a convolution, a pool with a pool.
    """
    lines: list[Line] = []
    for number, column in enumerate(columns):
        lines = _with(lines, number, column)
    return [[line.get(number) for number in range(len(columns))] for line in lines]


def _with(lines: Sequence[Line], number: int, column: Sequence[Row]) -> list[Line]:
    """The lines with one column more."""
    places: Mapping[Key, int] = {row.key: i for i, line in enumerate(lines) for row in line.values()}
    found: list[Line] = []
    done = 0
    new: list[Row] = []
    for row in column:
        at = places.get(row.key, -1)
        if at < done:
            new.append(row)
            continue
        found += _woven(lines[done:at], number, new)
        found.append({**lines[at], number: row})
        done, new = at + 1, []
    return [*found, *_woven(lines[done:], number, new)]


def _woven(lines: Sequence[Line], number: int, rows: Sequence[Row]) -> list[Line]:
    """Lines and rows that no statement ties, in order, those that are most alike together."""
    best = [[0] * (len(rows) + 1) for _ in range(len(lines) + 1)]
    for i in range(len(lines) - 1, -1, -1):
        for j in range(len(rows) - 1, -1, -1):
            alike = _likeness(lines[i], rows[j])
            together = alike + best[i + 1][j + 1] if alike else 0
            best[i][j] = max(together, best[i + 1][j], best[i][j + 1])
    found: list[Line] = []
    i = j = 0
    while i < len(lines) and j < len(rows):
        alike = _likeness(lines[i], rows[j])
        if alike and best[i][j] == alike + best[i + 1][j + 1]:
            found.append({**lines[i], number: rows[j]})
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            found.append(lines[i])
            i += 1
        else:
            found.append({number: rows[j]})
            j += 1
    return [*found, *lines[i:], *({number: row} for row in rows[j:])]


def _likeness(line: Line, row: Row) -> int:
    """0 for what cannot share a line: layers of other families, or stages of other names."""
    other = line[max(line)]
    families, others = _families(row), _families(other)
    if families.isdisjoint(others) or (row.name and other.name and row.name != other.name):
        return 0
    cells = [[entry.layers for entry in each.cell] for each in (row, other)]
    equal = _SAME * (cells[0] == cells[1]) + _LAYERS * (len(cells[0]) == len(cells[1]))
    return 1 + _KIND * (families == others) + equal + _OUTPUT * (row.output == other.output)


def _families(row: Row) -> frozenset[str]:
    return frozenset(node.op.family for node in row.nodes if is_shown(node.op))
