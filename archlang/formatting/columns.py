"""What is lined up, and stays so.

A piece is lined up if there is more or less space before it than usual and another, of a line near by, begins or ends
in the same column and stands after the like of what it stands after. Near by are lines without an empty one between;
for sizes and comments the whole text.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from archlang.formatting.indents import Start
from archlang.formatting.lines import COMMENT, Line, Piece

_OWN = {"=>", "x", "×", "@", "as", "when", "{", "=", "means", "no", "bare", "to"}
_AFTER = {",", ";", ":", "|", "=", "(", "[", "{", "=>"}
_FAR = {"=>", "#"}
_CELLS = {"args", "params", "row", "list"}


@dataclass(eq=False, slots=True)
class Spot:
    """A piece on its line: `index` among its pieces, of which `cell` end in the column that it may be lined up by.

    `word` is what must be alike in those it is lined up with. `group` is what it is in line with, `end` whether by
    the column where it ends.
    """

    line: int
    index: int
    piece: Piece
    word: str
    cell: int = 0
    group: int | None = None
    end: bool = False


def spots_of(lines: list[Line], starts: list[Start]) -> list[Spot]:
    """Every piece that could be lined up with others, in the order of the text."""
    found: list[Spot] = []
    for number, (line, start) in enumerate(zip(lines, starts, strict=True)):
        simple = 0  # the index after the cell at hand
        for index, piece in enumerate(line.pieces):
            if index == 0 and start.row is None:
                continue
            if index < simple:
                continue
            before = line.pieces[index - 1] if index else None
            cell = _cell(line.pieces, index) if before is None or _begins_cell(before) else 0
            if cell or index == 0 or piece.usual:
                found.append(Spot(number, index, piece, _word(before, piece), cell))
            simple = index + cell
    return found


def _word(before: Piece | None, piece: Piece) -> str:
    if piece.kind == COMMENT:
        return "#"
    if before is None:
        return ""
    if piece.text in _OWN and piece.kind != "NAME":
        return piece.text
    return before.text if before.text in _AFTER else piece.kind


def _begins_cell(before: Piece) -> bool:
    return before.text in {",", "(", "["} and before.rule in _CELLS


def _cell(pieces: list[Piece], index: int) -> int:
    """How many pieces from `index` on are one cell: up to a comma or what closes; 0 if brackets are among them."""
    for at in range(index, len(pieces)):
        if pieces[at].text in {",", ")", "]", ";"} or pieces[at].kind == COMMENT:
            return at - index
        if pieces[at].text in {"(", "[", "{", "}"}:
            return 0
    return len(pieces) - index


def group(lines: list[Line], spots: list[Spot], starts: list[Start]) -> list[list[Spot]]:
    """The columns: those that are lined up, together. Sets `group` and `end` of their spots."""
    columns: dict[tuple[int, str, bool, int], list[Spot]] = defaultdict(list)
    part = _parts(lines)
    for spot in spots:
        near = 0 if spot.word in _FAR else part[spot.line]
        columns[near, spot.word, False, spot.piece.column].append(spot)
        if spot.cell:
            end = lines[spot.line].pieces[spot.index + spot.cell - 1].end
            columns[near, spot.word, True, end].append(spot)
    found: list[list[Spot]] = []
    for (_, _, end, _), members in sorted(columns.items(), key=lambda item: (-len(item[1]), item[0][2])):
        free = [spot for spot in members if spot.group is None]
        if len(members) < 2 or not free or all(_is_usual(spot, starts) for spot in members):
            continue
        for spot in free:
            spot.group, spot.end = len(found), end
        found.append(free)
    return found


def _parts(lines: list[Line]) -> list[int]:
    """The number of the part of the text, between empty lines, that each line is in."""
    found: list[int] = []
    for line in lines:
        found.append((found[-1] if found else 0) + line.blank)
    return found


def _is_usual(spot: Spot, starts: list[Start]) -> bool:
    if spot.index == 0:
        return spot.piece.column == starts[spot.line].column
    return spot.piece.gap == spot.piece.usual
