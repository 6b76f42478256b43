"""What a column of a paper's table adds or changes against the one before it."""

from __future__ import annotations

from collections.abc import Sequence

from archlang.report.paper_table_cells import Cell, Entry


def marked(cells: Sequence[Cell]) -> list[Cell]:
    """The cells of a row with what is new in bold: lines that the one before has not, and multipliers that differ."""
    return [cell if i == 0 else _against(cells[i - 1], cell) for i, cell in enumerate(cells)]


def _against(before: Cell, cell: Cell) -> Cell:
    kept = _kept(before, cell)
    return tuple(_bold(entry, before[kept[i]] if i in kept else None) for i, entry in enumerate(cell))


def _bold(entry: Entry, before: Entry | None) -> Entry:
    new = before is None
    times = entry.times > 1 and (before is None or before.times != entry.times)
    return Entry(entry.layers, entry.times, entry.bracket, bold=new, bold_times=times)


def _kept(before: Cell, cell: Cell) -> dict[int, int]:
    """The longest run of lines that both have, in order and as early as may be: by line, which one it was."""
    longest = [[0] * (len(before) + 1) for _ in range(len(cell) + 1)]
    for i in range(len(cell) - 1, -1, -1):
        for j in range(len(before) - 1, -1, -1):
            same = cell[i].layers == before[j].layers
            longest[i][j] = longest[i + 1][j + 1] + 1 if same else max(longest[i + 1][j], longest[i][j + 1])
    found: dict[int, int] = {}
    i = j = 0
    while i < len(cell) and j < len(before):
        if cell[i].layers == before[j].layers:
            found[i] = j
            i, j = i + 1, j + 1
        elif longest[i + 1][j] >= longest[i][j + 1]:
            i += 1
        else:
            j += 1
    return found
