"""From reductions of the grammar to the typed tree: one method for each rule.

The parser calls these as it reduces, with everything the rule matched, tokens
included, so that a node's span is the text from its first child to its last.
Tokens are strings with `type`, `start_pos` and `end_pos`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from archlang.source import Span
from archlang.syntax import ast
from archlang.syntax.build_expressions import Broken, Piece, is_token
from archlang.syntax.build_items import Items
from archlang.syntax.limits import MAX_NESTING

_SHOWN = 40  # characters of a value that a message quotes
_COMMA = "write `,` in place of `;`"


def _nearly_variant(word: str) -> bool:
    from difflib import get_close_matches  # only a slip needs it

    return bool(get_close_matches(word.lower(), ["variant"]))


def _shown(span: Span) -> str:
    """The beginning of what stands there, in one line."""
    text = " ".join(span.text.split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


@dataclass(slots=True)
class Chain:
    """`a; b`: several statements on one line."""

    statements: tuple[ast.Statement, ...]
    span: Span


class Builder(Items):
    """Makes the program of one text at a time; one method for each rule of the grammar's statements."""

    def start(self, children: list[Any]) -> ast.Program:
        whole = Span(self.source, 0, len(self.source.text))
        return ast.Program(replace(children[0], span=whole), whole)

    def body(self, children: list[Any]) -> ast.Body:
        statements: list[ast.Statement] = []
        for child in children:
            if isinstance(child, Chain):
                statements.extend(child.statements)
            elif isinstance(child, Broken):
                self.broken.append(child.span)
            elif not isinstance(child, str):
                statements.append(child)
        span = self._span(children) if children else Span(self.source, 0, 0)
        return ast.Body(tuple(statements), span)

    def braces(self, children: list[Any]) -> ast.Body:
        return replace(children[1], span=self._span(children))

    def chain(self, children: list[Any]) -> Chain:
        self.broken += [c.span for c in children if isinstance(c, Broken)]
        kept = tuple(c for c in children if not isinstance(c, str | Broken))
        return Chain(kept, self._span(children))

    def _body_of(self, child: Any) -> ast.Body:
        match child:
            case ast.Body():
                return child
            case Chain():
                return ast.Body(child.statements, child.span)
            case _:
                return ast.Body((child,), child.span)

    def guarded(self, children: list[Any]) -> ast.Guarded:
        guard, _, rest = children
        return ast.Guarded(guard, self._body_of(rest), self._span(children[:2]))

    def import_as(self, children: list[Any]) -> ast.Import:
        path = children[1]
        alias = self._word(children[3]) if len(children) == 4 else None
        return ast.Import(str(path)[1:-1], self._at(path), alias, (), self._span(children))

    def import_names(self, children: list[Any]) -> ast.Import:
        path = children[1]
        return ast.Import(str(path)[1:-1], self._at(path), None, self._words(children), self._span(children))

    def _definition(self, kind: type[Any], children: list[Any]) -> Any:
        name, body = children[1], children[-1]
        parameters = children[2].value if len(children) == 4 else ()
        return kind(str(name), self._at(name), parameters, body, self._span(children[:-1]))

    def net(self, children: list[Any]) -> ast.Net:
        return self._definition(ast.Net, children)

    def block(self, children: list[Any]) -> ast.Block:
        return self._definition(ast.Block, children)

    def extern(self, children: list[Any]) -> ast.Extern:
        pieces = {child.kind: child for child in children if isinstance(child, Piece)}
        name, target = children[1], next(c for c in children if is_token(c) and c.type == "STRING")
        parameters = pieces["params"].value if "params" in pieces else ()
        facts = pieces.get("facts")
        said = ast.String(str(target)[1:-1], self._at(target))
        args = pieces["args"].value if "args" in pieces else None
        head = self._span(children[:-1] if facts is not None else children)
        inside = facts.span if facts is not None else None
        return ast.Extern(str(name), self._at(name), parameters, said, args, facts.value if facts else (), head, inside)

    def facts(self, children: list[Any]) -> Piece:
        return Piece("facts", tuple(c for c in children if isinstance(c, ast.Fact)), self._span(children))

    def fact(self, children: list[Any]) -> ast.Fact:
        return ast.Fact(self._word(children[0]), children[2], self._span(children))

    def params(self, children: list[Any]) -> Piece:
        found = tuple(c for c in children if isinstance(c, ast.Parameter))
        return Piece("params", found, self._span(children))

    def param(self, children: list[Any]) -> ast.Parameter:
        default = children[2] if len(children) == 3 else None
        return ast.Parameter(str(children[0]), default, self._span(children))

    def stage(self, children: list[Any]) -> ast.Stage:
        name = self._word(children[1]) if isinstance(children[1], str) else None
        return ast.Stage(name, self._body_of(children[-1]), self._span(children[:-1]))

    def from_stmt(self, children: list[Any]) -> ast.From:
        return ast.From(self._words(children), self._body_of(children[-1]), self._span(children[:-1]))

    def aux(self, children: list[Any]) -> ast.Aux:
        args = children[2].value if len(children) == 4 else ()
        return ast.Aux(self._word(children[1]), args, children[-1], self._span(children[:-1]))

    def if_stmt(self, children: list[Any]) -> ast.If | Broken:
        if isinstance(children[1], Broken) or isinstance(children[-1], Broken):
            return Broken(self._span(children))
        if self._deep(children[:2], children[4:], MAX_NESTING, "`else if`s"):
            return Broken(self._span(children))
        orelse = self._body_of(children[4]) if len(children) == 5 else None
        return ast.If(children[1], children[2], orelse, self._span(children[:2]))

    def for_stmt(self, children: list[Any]) -> ast.For:
        return ast.For(self._word(children[1]), children[3], children[4], self._span(children[:4]))

    def table(self, children: list[Any]) -> ast.Table:
        head, *rows = (c for c in children if isinstance(c, Piece))
        if not self._is_first(head, next(self._at(c).end for c in children if is_token(c) and c == "{")):
            self.broken.append(self._span(children))
            return ast.Table(children[1], (), (), self._span(children))
        head, rows = self._headed(head, rows)
        names = self._header(head)
        kept = tuple(r.value for r in self._whole(rows, len(names)) if self._fits(r, len(names)))
        return ast.Table(children[1], names, kept, self._span(children))

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

    def place(self, children: list[Any]) -> ast.Place | Broken:
        match children[0]:
            case ast.Item(
                core=ast.Call(dash=None, stride=None, args=None) as core,
                modifiers=(ast.Repeat(count=ast.Number(value=float())),),
            ) if _nearly_variant(core.name):  # ShuffleNet v2 has one that is called `x1.0`
                message = f"`{core.name}` begins no statement"
                self._say("unknown-keyword", message, core.name_span, "did you mean `variant`?")
                return Broken(children[0].span)
            case item:
                return ast.Place(item, item.span)

    def input(self, children: list[Any]) -> ast.Input:
        name = self._word(children[1]) if len(children) == 3 else None
        return ast.Input(name, self._shape(children[-1]), self._span(children))

    def let(self, children: list[Any]) -> ast.Let:
        return ast.Let(self._word(children[1]), children[3], self._span(children))

    def means(self, children: list[Any]) -> ast.Means:
        return ast.Means(self._word(children[0]), children[2], self._span(children))

    def variant(self, children: list[Any]) -> ast.Variant:
        bindings = tuple(c for c in children if isinstance(c, ast.Arg))
        return ast.Variant(self._words(children, "VNAME"), bindings, self._span(children))

    def binding(self, children: list[Any]) -> ast.Arg:
        return ast.Arg(str(children[0]), children[2], self._span(children))

    def paper(self, children: list[Any]) -> ast.Paper:
        guard = children[2] if len(children) == 3 else None
        return ast.Paper(str(children[1])[1:-1], guard, self._span(children))

    def expect(self, children: list[Any]) -> ast.Expect:
        _, subject, op, value, *rest = children
        guard = rest.pop() if rest and isinstance(rest[-1], ast.Guard) else None
        but = rest[1] if rest else None
        reason = str(rest[2])[1:-1] if len(rest) == 3 else None
        return ast.Expect(self._word(subject), str(op), value, but, reason, guard, self._span(children))

    def expect_size(self, children: list[Any]) -> ast.ExpectSize:
        guard = children[3] if len(children) == 4 else None
        return ast.ExpectSize(self._word(children[1]), children[2], guard, self._span(children))

    def taps(self, children: list[Any]) -> ast.Taps:
        return ast.Taps(self._words(children), self._span(children))

    def output(self, children: list[Any]) -> ast.Output:
        return ast.Output(self._words(children), self._span(children))

    def range(self, children: list[Any]) -> ast.LabelRange:
        last = self._word(children[2]) if len(children) == 3 else None
        return ast.LabelRange(self._word(children[0]), last, self._span(children))

    def freeze(self, children: list[Any]) -> ast.Freeze:
        ranges = tuple(c for c in children if isinstance(c, ast.LabelRange))
        return ast.Freeze(ranges, self._span(children))

    def setting(self, children: list[Any]) -> ast.Setting:
        ranges = tuple(c for c in children if isinstance(c, ast.LabelRange))
        return ast.Setting(str(children[0]), ranges, children[-1], self._span(children))
