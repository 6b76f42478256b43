"""Where lines begin."""

from __future__ import annotations

from dataclasses import dataclass

from archlang.formatting.lines import Line, Piece

STEP = 2


@dataclass(eq=False, slots=True)
class Start:
    """Where a line begins: `more` columns to the right of where `beside` stands, or of the left margin.

    `row` is the number of the table that the line is a row of; the first column of a table may be lined up as well.
    """

    beside: Piece | None
    more: int
    row: int | None = None

    @property
    def column(self) -> int:
        """The column, from 0, as things stand."""
        return self.more + (self.beside.column if self.beside is not None else 0)


@dataclass(eq=False, slots=True)
class _Open:
    piece: Piece
    head: Piece  # the first of the line that it stands on
    inside: int | None  # where what it holds begins, from its own column; None if that is on lines of its own
    row: int | None = None


def starts_of(lines: list[Line]) -> list[Start]:
    """Where each line begins."""
    finder = _Finder()
    return [finder.start(line, above) for line, above in zip(lines, [None, *lines], strict=False)]


class _Finder:
    def __init__(self) -> None:
        self.open: list[_Open] = []
        self.depth = 0
        self.tables = 0

    def start(self, line: Line, above: Line | None) -> Start:
        """Where `line` begins, which stands under `above`."""
        start = self._start(line, above)
        for piece, after in zip(line.pieces, [*line.pieces[1:], None], strict=True):
            if piece.text in {"(", "[", "{"} and piece.kind in {"LPAR", "LSQB", "LBRACE"}:
                self._opened(piece, after, line.pieces[0])
            elif piece.kind in {"RPAR", "RSQB", "RBRACE"}:
                self.open.pop()
                self.depth -= piece.kind == "RBRACE"
        return start

    def _start(self, line: Line, above: Line | None) -> Start:
        first = line.pieces[0]
        if line.follows and above is not None:
            return Start(above.pieces[-1], 0)
        if self.open and self.open[-1].piece.kind != "LBRACE":
            return self._within(self.open[-1], first)
        if first.kind == "RBRACE":
            return Start(None, (self.depth - 1) * STEP)
        row = self.open[-1].row if self.open and not line.alone else None
        return Start(None, (self.depth + (above is not None and above.joined)) * STEP, row)

    def _within(self, inner: _Open, first: Piece) -> Start:
        """Where a line begins that goes on inside `( )` or `[ ]`."""
        hangs = inner.inside is None
        beside, inside = (inner.head, STEP) if inner.inside is None else (inner.piece, inner.inside)
        if first.kind in {"RPAR", "RSQB"}:
            return Start(beside, 0)
        if first.kind == "VBAR":
            return Start(beside, max(inside - STEP, 0) if not hangs else 0)
        return Start(beside, inside)

    def _opened(self, piece: Piece, after: Piece | None, head: Piece) -> None:
        alone = after is None or after.kind == "COMMENT"
        inside = None if alone or after is None else 1 + after.usual
        row = None
        if piece.kind == "LBRACE":
            self.depth += 1
            if piece.rule == "table":
                self.tables += 1
                row = self.tables
        self.open.append(_Open(piece, head, inside, row))
