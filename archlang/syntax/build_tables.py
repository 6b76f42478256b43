"""Tables, from reductions of the grammar: the header and the rows that fit it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from archlang.source import Span
from archlang.syntax import ast
from archlang.syntax.build_expressions import Piece, is_token
from archlang.syntax.build_items import Items

_SHOWN = 40  # characters of a value that a message quotes
_COMMA = "write `,` in place of `;`"


def _shown(span: Span) -> str:
    """The beginning of what stands there, in one line."""
    text = " ".join(span.text.split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


class Tables(Items):
    """The methods for a table and its rows."""

    def table(self, children: list[Any]) -> ast.Table:
        head, *rows = (c for c in children if isinstance(c, Piece))
        if not self._is_first(head, next(self._at(c).end for c in children if is_token(c) and c == "{")):
            self.broken.append(self._span(children))
            return ast.Table(children[1], (), (), self._span(children))
        head, rows = self._headed(head, rows)
        names = self._header(head)
        whole = list(self._whole(rows, len(names)))
        named = all(isinstance(cell, ast.Name) for cell in head.value) and self._names_enough(head, whole)
        kept = [row.value for row in whole if self._fits(row, len(names))] if named else []
        if whole and not kept:  # what stands on the columns is not told as well
            self.broken.append(self._span(children))
            return ast.Table(children[1], (), (), self._span(children))
        return ast.Table(children[1], names, tuple(kept), self._span(children))

    def _headed(self, head: Piece, rows: list[Piece]) -> tuple[Piece, list[Piece]]:
        """The header and the rows, where a `;` for a comma has made two of the header."""
        more, *below = rows or [head]
        wanted = len(head.value) + len(more.value)
        named = all(isinstance(cell, ast.Name) for cell in more.value)
        if not below or not named or any(len(row.value) != wanted for row in below):
            return head, rows
        if not self._cut_by_semicolon(head, more):
            return head, rows
        return head._replace(value=(*head.value, *more.value)), below

    def _cut_by_semicolon(self, left: Piece, right: Piece) -> bool:
        """Whether only a `;` stands between two pieces of what was to be one row; if so, that is reported."""
        between = Span(self.source, left.span.end, right.span.start)
        if between.text.strip() != ";":
            return False
        start = between.start + between.text.index(";")
        self._say("table-row", "a `;` ends the row here", Span(self.source, start, start + 1), _COMMA)
        return True

    def _whole(self, rows: list[Piece], columns: int) -> Iterator[Piece]:
        """The rows, but for two on one line that are one row, with a `;` where a comma belongs."""
        left = iter([*pairwise(rows), (rows[-1], None)] if rows else [])
        for row, following in left:
            halves = following is not None and len(row.value) != columns == len(row.value) + len(following.value)
            if following is not None and halves and self._cut_by_semicolon(row, following):
                next(left)
            else:
                yield row

    def _is_first(self, row: Piece, brace: int) -> bool:
        """Whether a row is the table's header, rather than one behind a header that could not be read."""
        between = self.source.text[brace : row.span.start]
        return not any(line.partition("#")[0].strip(" \t\r\\") for line in between.split("\n"))

    def _header(self, row: Piece) -> tuple[ast.Word, ...]:
        """The names of a table's columns; what is none is reported, and stands for one all the same."""
        for cell in row.value:
            if not isinstance(cell, ast.Name):
                self._say(
                    "table-header",
                    f"`{_shown(cell.span)}` is no name of a column",
                    cell.span,
                    "the first row of a table names its columns: `t, c, n, s`",
                )
        return tuple(ast.Word(c.name if isinstance(c, ast.Name) else c.span.text, c.span) for c in row.value)

    def _names_enough(self, head: Piece, rows: list[Piece]) -> bool:
        """Whether the header does not differ from all of several rows that are of one length."""
        lengths = {len(row.value) for row in rows}
        if len(rows) < 2 or len(lengths) > 1 or len(head.value) in lengths:
            return True
        self._say(
            "table-header",
            f"the first row names {len(head.value)} columns, and each row below has {lengths.pop()} values",
            head.span,
            "name every column once, separated by commas",
        )
        return False

    def _fits(self, row: Piece, columns: int) -> bool:
        cells = len(row.value)
        if cells != columns:
            self._say(
                "table-row",
                f"this row has {cells} {'value' if cells == 1 else 'values'}, but the table has {columns} columns",
                row.span,
                "give every column of the first row a value, separated by commas",
            )
        return cells == columns

    def row(self, children: list[Any]) -> Piece:
        return Piece("row", tuple(c for c in children if not isinstance(c, str)), self._span(children))
