"""A text as lines of pieces: tokens and comments, and the space before each."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from archlang.syntax.parse_tokens import Placed, tokens

_BETWEEN = re.compile(r"(?P<comment>#[^\n]*)|(?P<joint>\\\r?\n)|(?P<newline>\n)")

_OPEN, _CLOSE = {"(", "[", "{"}, {")", "]", "}"}

_TAB = 8

COMMENT = "COMMENT"


@dataclass(eq=False, slots=True)
class Piece:
    """A token or a comment.

    `column` is where it stands, from 0; `gap` is the space before it, up to the piece before it on its line (for the
    first, 0). `usual` is the space that stands there where nothing is lined up.
    """

    kind: str
    text: str
    rule: str
    outer: str
    column: int
    gap: int = 0
    usual: int = 0

    @property
    def end(self) -> int:
        """The column after its last character."""
        return self.column + len(self.text)


@dataclass(eq=False, slots=True)
class Line:
    """A line with something on it.

    `blank`: whether lines with nothing on them stand above it. `joined`: whether a backslash at its end carries
    its statement on to the next. `follows`: whether it is a comment that goes on under the one beside the line above.
    """

    pieces: list[Piece] = field(default_factory=list[Piece])
    blank: bool = False
    joined: bool = False
    follows: bool = False

    @property
    def alone(self) -> bool:
        """Whether it is a comment and nothing else."""
        return self.pieces[0].kind == COMMENT


def lines_of(text: str) -> list[Line]:
    """The lines of a text that the grammar has nothing against."""
    reader = _Reader(text)
    end = 0
    for token in tokens(text):
        reader.between(end, token.start)
        reader.take(token)
        end = token.end
    reader.between(end, len(text))
    reader.newline()
    return reader.lines


def _last(line: Line) -> str:
    """The last token of a line; none if it is a comment alone."""
    return next((piece.text for piece in reversed(line.pieces) if piece.kind != COMMENT), "")


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.lines: list[Line] = []
        self.line = Line()
        self.at = self.column = 0  # how far the line at hand was looked at, and the column there

    def between(self, start: int, end: int) -> None:
        """Take what stands between two tokens."""
        for match in _BETWEEN.finditer(self.text, start, end):
            if match["comment"]:
                self._put(COMMENT, match["comment"].rstrip(), "", "", match.start())
                continue
            self.line.joined = match["joint"] is not None
            self.newline()
            self.at, self.column = match.end(), 0

    def take(self, token: Placed) -> None:
        """Take a token."""
        self._put(token.kind, self.text[token.start : token.end], token.rule, token.outer, token.start)

    def newline(self) -> None:
        """End the line at hand."""
        above = self.lines[-1] if self.lines else None
        line, self.line = self.line, Line()
        if not line.pieces:
            self.line.blank = not line.joined
            if above and not line.joined:
                above.joined = False
            return
        if line.alone and above:
            above.joined = False
            beside = above.pieces[-1]
            line.follows = beside.kind == COMMENT and beside.column == line.pieces[0].column
            line.follows &= not line.blank and (above.follows or not above.alone)
        elif line.pieces[-1].text == ";" and line.pieces[-1].rule == "chain" and not line.joined:
            line.pieces.pop()
        if above and (line.pieces[0].text in _CLOSE or _last(above) in _OPEN):
            line.blank = False
        self.lines.append(line)

    def _column_of(self, at: int) -> int:
        """The column of an offset of the line at hand, further right than the last one asked about."""
        before = " " * (self.column % _TAB) + self.text[self.at : at]
        self.column += len(before.expandtabs(_TAB)) - self.column % _TAB
        self.at = at
        return self.column

    def _put(self, kind: str, text: str, rule: str, outer: str, at: int) -> None:
        column = self._column_of(at)
        pieces = self.line.pieces
        self.line.blank = self.line.blank and bool(self.lines)
        if pieces and pieces[-1].text == ";" and pieces[-1].rule == "chain" and (kind == COMMENT or text == "}"):
            pieces.pop()
        gap = column - pieces[-1].end if pieces else 0
        pieces.append(Piece(kind, text, rule, outer, column, gap))
