"""How much space stands before a piece where nothing is lined up."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from archlang.formatting.lines import COMMENT, Line, Piece

_LAYERS = {"wrap", "group"}
_OPERATORS = {"+", "-", "*", "/", "//", "%", "**"}
_TIGHT_EQUALS = {"arg", "param", "binding"}
_BEFORE_COMMENT = 2


def space(lines: list[Line]) -> None:
    """Set `usual` of every piece of `lines`."""
    for line in lines:
        for before, piece in pairwise(line.pieces):
            piece.usual = _between(before, piece)
        _table(line)
        _operators(line)
    for bracket in _brackets(lines):
        bracket.settle()


def _between(before: Piece, piece: Piece) -> int:
    """The space between two pieces, as far as the two alone decide it."""
    if piece.kind == COMMENT:
        return _BEFORE_COMMENT
    tight = _tight_before(before, piece) or _tight_after(before, piece)
    return 0 if tight else 1


def _tight_before(before: Piece, piece: Piece) -> bool:
    """Whether `piece` clings to what stands before it."""
    match piece.text:
        case "," | ";" | ":" | ")":
            return True
        case "(":
            return piece.rule in {"args", "params"}
        case "[":
            return piece.rule in {"wrap", "index"}
        case "]":
            return piece.rule not in _LAYERS or before.text == "["
        case "}":
            return before.text == "{"
        case "=":
            return piece.rule in _TIGHT_EQUALS
        case "..":
            return True
        case "/":
            return piece.rule == "stride" and piece.outer != "repeat"
        case _:
            return False


def _tight_after(before: Piece, piece: Piece) -> bool:
    """Whether `piece` clings to what stands before it because of that."""
    if before.kind == "HEAD":
        return True
    match before.text:
        case "(" | "@":
            return True
        case "[":
            return before.rule not in _LAYERS
        case ",":
            return before.rule == "kernel"
        case "=":
            return before.rule in _TIGHT_EQUALS
        case "..":
            return before.rule != "copies"
        case "/":
            return before.rule == "stride"
        case "-":
            return before.rule == "unary"
        case "x" | "×":
            return before.kind == "_TIMES" and (piece.kind == "NUMBER" or piece.text == "(")
        case _:
            return False


@dataclass(eq=False, slots=True)
class _Bracket:
    """What stands in a pair of `[ ]`, as far as it is about space.

    `first` is the piece after the `[`, `last` that before the `]`, None where a line ends there; `afters` are those
    after its commas, and `ways` says whether it has branches.
    """

    opener: Piece
    first: Piece | None = None
    last: Piece | None = None
    closer: Piece | None = None
    afters: list[Piece] = field(default_factory=list[Piece])
    ways: bool = False

    def settle(self) -> None:
        """Set `usual` where the writer decides: `[3,4, 5,6]` or `[3, 4]`, `res[f]` or `res[ f ]`."""
        for after in self.afters:
            after.usual = min(after.gap, 1)
        if self.opener.rule not in _LAYERS or self.first is self.closer:
            return
        inside = 1 if self.ways else min(self.first.gap, 1) if self.first else 0
        if self.first is not None:
            self.first.usual = inside
        if self.closer is not None and self.last is not None:
            self.closer.usual = inside


def _brackets(lines: list[Line]) -> list[_Bracket]:
    """Each `[ ]` of the text."""
    found: list[_Bracket] = []
    open_: list[_Bracket] = []
    for line in lines:
        before: Piece | None = None
        for piece in line.pieces:
            if before is not None and piece.kind != COMMENT:
                if before.text == "[":
                    open_[-1].first = piece
                elif before.text == "," and before.rule == "list":
                    open_[-1].afters.append(piece)
            if piece.text == "[":
                open_.append(_Bracket(piece))
                found.append(open_[-1])
            elif piece.text == "|":
                open_[-1].ways = True
            elif piece.text == "]":
                bracket = open_.pop()
                bracket.closer, bracket.last = piece, before
            before = piece
    return found


def _table(line: Line) -> None:
    """Set `usual` in the head of a table: its stride stands apart, `table unit(c) /s {`."""
    if any(piece.kind == "TABLE" for piece in line.pieces):
        for before, piece in pairwise(line.pieces):
            if piece.text == "/" and piece.rule == "stride" and before.text == ")":
                piece.usual = 1


def _operators(line: Line) -> None:
    """Set `usual` about arithmetic operators: `4*w` or `4 * w`, as it was written, but the same on both sides."""
    for i, piece in enumerate(line.pieces):
        if piece.rule not in {"binary", "power"} or piece.text not in _OPERATORS:
            continue
        after = line.pieces[i + 1] if i + 1 < len(line.pieces) else None
        if after is not None and after.kind != COMMENT:
            piece.usual = after.usual = int((i > 0 and piece.gap > 0) or after.gap > 0)
