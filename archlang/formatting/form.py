"""The one form of a text."""

from __future__ import annotations

from archlang.diagnostics import ArchError, Severity
from archlang.formatting.columns import Spot, group, spots_of
from archlang.formatting.indents import Start, starts_of
from archlang.formatting.lines import Line, lines_of
from archlang.formatting.spacing import space
from archlang.source import Source
from archlang.syntax.parse import parse

_LOOKS = 8


def format_text(text: str, name: str = "text.arch") -> str:
    """`text` in its one form: the same program, the same comments, the same lines.

    Statements are indented by 2 for each `{ }` around them, and what goes on inside `( )` or `[ ]` stands under its
    beginning. Between two pieces there is as much space as usual, unless they are lined up with other lines: then they
    stay so. Of several empty lines one is left. Messages call the text `name`.

    Raises ArchError, with every syntax error, if the text has any.
    """
    text = text.removeprefix("\ufeff")
    _, diagnostics = parse(Source(name, text))
    errors = [each for each in diagnostics if each.severity is Severity.ERROR]
    if errors:
        raise ArchError(errors)
    end = "\r\n" if text.partition("\n")[0].endswith("\r") else "\n"
    for _ in range(_LOOKS):  # what was lined up by chance may part, and then nothing holds it where it is
        before, text = text, _formed(text)
        if text == before:
            break
    return text.replace("\n", end)


def _formed(text: str) -> str:
    lines = lines_of(text)
    space(lines)
    starts = starts_of(lines)
    _shift(lines, starts)
    spots = spots_of(lines, starts)
    _Placing(lines, starts, group(lines, spots, starts)).run()
    return "".join(_written(line) for line in lines)


def _shift(lines: list[Line], starts: list[Start]) -> None:
    """Let each line begin where it belongs, as it is; the rows of a table keep their places to one another."""
    rows: dict[int, int] = {}
    for line, start in zip(lines, starts, strict=True):
        if start.row is not None:
            rows[start.row] = min(rows.get(start.row, line.pieces[0].column), line.pieces[0].column)
    for line, start in zip(lines, starts, strict=True):
        begin = line.pieces[0].column if start.row is None else rows[start.row]
        by = start.column - begin
        for piece in line.pieces:
            piece.column += by


class _Placing:
    """Puts every piece into its column: from left to right, since what stands left decides about what stands right."""

    def __init__(self, lines: list[Line], starts: list[Start], columns: list[list[Spot]]) -> None:
        self.lines = lines
        self.starts = starts
        self.columns = columns
        self.lined_up = {(spot.line, index) for column in columns for spot in column for index in _indices(spot)}
        self.room = [self._room(column) for column in columns]

    def run(self) -> None:
        """Set `column` of every piece."""
        for _, _, _, number, index in sorted(self._steps()):
            if number < 0:
                self._place_column(index)
            else:
                self._place(number, index)

    def _steps(self) -> list[tuple[int, bool, int, int, int]]:
        """What to place, by its column: a piece, or all those of a column (with -1 for the line)."""
        steps: list[tuple[int, bool, int, int, int]] = []
        for number, line in enumerate(self.lines):
            for index, piece in enumerate(line.pieces):
                if (number, index) not in self.lined_up:
                    steps.append((piece.column, index == 0, number, number, index))
        for at, column in enumerate(self.columns):
            steps.append((max(spot.piece.column for spot in column), False, 0, -1, at))
        return steps

    def _place(self, number: int, index: int) -> None:
        piece = self.lines[number].pieces[index]
        piece.column = self._before(number, index) + (piece.usual if index else 0)

    def _before(self, number: int, index: int) -> int:
        """The column that a piece could stand in with no space before it."""
        return self.lines[number].pieces[index - 1].end if index else self.starts[number].column

    def _room(self, column: list[Spot]) -> int:
        """The least space before a piece of a column: as it was, if that is enough."""
        return min(max(spot.piece.column - self._before(spot.line, spot.index), _least(spot)) for spot in column)

    def _place_column(self, at: int) -> None:
        column = self.columns[at]
        widths = [self._width(spot) if spot.end else 0 for spot in column]
        befores = [self._before(spot.line, spot.index) for spot in column]
        end = max(before + width for before, width in zip(befores, widths, strict=True)) + self.room[at]
        for spot, width in zip(column, widths, strict=True):
            spot.piece.column = end - width
            for index in _indices(spot)[1:]:
                self._place(spot.line, index)

    def _width(self, spot: Spot) -> int:
        cell = self.lines[spot.line].pieces[spot.index : spot.index + spot.cell]
        return sum(len(piece.text) + piece.usual for piece in cell) - cell[0].usual


def _indices(spot: Spot) -> range:
    """The pieces that are placed with a spot: those of its cell, if that is lined up by its end."""
    return range(spot.index, spot.index + (spot.cell if spot.end else 1))


def _least(spot: Spot) -> int:
    """The least space that may stand before a piece that is lined up: in a cell none, `128,192`."""
    return 0 if spot.cell or spot.index == 0 else spot.piece.usual


def _written(line: Line) -> str:
    text, column = "", 0
    for piece in line.pieces:
        text += " " * (piece.column - column) + piece.text
        column = piece.end
    return ("\n" if line.blank else "") + text + (" \\\n" if line.joined else "\n")
