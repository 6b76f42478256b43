"""From reductions of the grammar to expressions, and what all nodes need: spans, words, complaints."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from archlang.diagnostics import Diagnostic
from archlang.source import Source, Span
from archlang.syntax import ast
from archlang.syntax.limits import MAX_ERRORS, MAX_EXPRESSION, MAX_NESTING, MAX_NUMBER
from archlang.syntax.numbers import number_value

_EMPTY = Source("", "")
BROKEN_HEADER = "0 broken header"
"""The condition of the `if` that stands in for a header that could not be read."""

_CUT = -1


def is_token(child: Any) -> bool:
    """Whether `child` is a token rather than something built."""
    return isinstance(child, str)


class Piece(NamedTuple):
    """Something that is only part of a node: the arguments of a call, a stride."""

    kind: str
    value: Any
    span: Span


@dataclass(slots=True)
class Broken:
    """A header that could not be read, or a statement that has one."""

    span: Span


class Expressions:
    """Makes the expressions of one text at a time.

    `begin` says which text; `diagnostics` and `broken` then collect what the
    grammar lets pass and the language does not.
    """

    def __init__(self) -> None:
        self.begin(_EMPTY)

    def begin(self, source: Source) -> None:
        """Forget the last text and take the next."""
        self.source = source
        self.diagnostics: list[Diagnostic] = []
        self.broken: list[Span] = []
        self.depths: dict[tuple[int, int], int] = {}  # of the expressions that hold others, by their spans

    def _say(self, code: str, message: str, span: Span, help: str | None = None) -> None:
        if len(self.diagnostics) >= MAX_ERRORS:
            return
        self.diagnostics.append(Diagnostic(code, message, span, help=help))
        self.broken.append(span)

    def _span(self, children: list[Any]) -> Span:
        first, last = children[0], children[-1]
        start = first.start_pos if is_token(first) else first.span.start
        end = last.end_pos if is_token(last) else last.span.end
        return Span(self.source, start, end)

    def _at(self, token: Any) -> Span:
        return Span(self.source, token.start_pos, token.end_pos)

    def _word(self, token: Any) -> ast.Word:
        name = token[1:-1] if token.type == "STRING" else str(token)
        return ast.Word(name, self._at(token))

    def _words(self, children: list[Any], kind: str = "NAME") -> tuple[ast.Word, ...]:
        return tuple(self._word(c) for c in children if is_token(c) and c.type == kind)

    def args(self, children: list[Any]) -> Piece:
        found = tuple(c for c in children if isinstance(c, ast.Arg))
        return Piece("args", found, self._span(children))

    def arg(self, children: list[Any]) -> ast.Arg:
        name = str(children[0]) if len(children) == 3 else None
        return ast.Arg(name, children[-1], self._span(children))

    def _deep(self, children: list[Any], inner: list[Any], limit: int, what: str) -> bool:
        """Whether the node of `children` is cut off, being deeper than `limit`; its depth is noted.

        A node with a cut one in it is cut too, so that each is told of once.
        """
        depths = self.depths
        below = [depths.get((c.span.start, c.span.end), 0) for c in inner if not isinstance(c, str)]
        cut = _CUT in below
        depth = _CUT if cut else 1 + max(below, default=0)
        span = self._span(children)
        if depth > limit:
            help = "split it up with `let`" if limit != MAX_NESTING else "a list and an index say the same: `n[k]`"
            self._say("too-deep", f"more than {limit} {what} inside one another", span, help)
            depth, cut = _CUT, True
        depths[span.start, span.end] = depth
        return cut

    def _cut(self, children: list[Any]) -> ast.Number:
        return ast.Number(0, "", self._span(children))

    def binary(self, children: list[Any]) -> ast.Expr:
        if self._deep(children, children, MAX_EXPRESSION, "operators"):
            return self._cut(children)
        left, op, right = children
        return ast.Binary(str(op), left, right, self._span(children))

    def unary(self, children: list[Any]) -> ast.Expr:
        if self._deep(children, children, MAX_EXPRESSION, "operators"):
            return self._cut(children)
        return ast.Unary(str(children[0]), children[1], self._span(children))

    def apply(self, children: list[Any]) -> ast.Expr:
        name, args = children
        if self._deep(children, [a.value for a in args.value], MAX_EXPRESSION, "calls"):
            return self._cut(children)
        return ast.Apply(str(name), args.value, self._span(children), self._at(name))

    def number(self, children: list[Any]) -> ast.Number | Broken:
        token = children[0]
        span = self._at(token)
        if token == BROKEN_HEADER:
            return Broken(span)
        value = number_value(str(token))
        if value is None:
            self._too_large(span)
            return self._cut(children)
        return ast.Number(value, str(token), span)

    def _value(self, text: str, span: Span) -> int | float:
        value = number_value(text)
        if value is None:
            self._too_large(span)
        return MAX_NUMBER if value is None else value

    def _too_large(self, span: Span) -> None:
        self._say(
            "too-large",
            f"this number is larger than {MAX_NUMBER:,}",
            span,
            "no size of a network is; numbers may end in K, M or G",
        )

    def string(self, children: list[Any]) -> ast.String:
        return ast.String(str(children[0])[1:-1], self._at(children[0]))

    def name(self, children: list[Any]) -> ast.Name:
        return ast.Name(str(children[0]), self._at(children[0]))

    def index(self, children: list[Any]) -> ast.Expr:
        name = children[0]
        inner = next(c for c in children[1:] if not isinstance(c, str))
        if self._deep(children, [inner], MAX_EXPRESSION, "indexes"):
            return self._cut(children)
        return ast.Index(ast.Name(str(name), self._at(name)), inner, self._span(children))

    def paren(self, children: list[Any]) -> ast.Expr:
        if self._deep(children, children, MAX_NESTING + MAX_EXPRESSION, "parentheses"):
            return self._cut(children)
        return replace(children[1], span=self._span(children))

    def list(self, children: list[Any]) -> ast.Expr:
        items = tuple(c for c in children if not isinstance(c, str))
        if self._deep(children, children, MAX_EXPRESSION, "lists"):
            return self._cut(children)
        return ast.List(items, self._span(children))
