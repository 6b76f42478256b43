"""From reductions of the grammar to the typed tree: one method for each rule.

The parser calls these as it reduces, with everything the rule matched, tokens
included, so that a node's span is the text from its first child to its last.
Tokens are strings with `type`, `start_pos` and `end_pos`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from archlang.source import Source, Span
from archlang.syntax import ast
from archlang.syntax.numbers import number_value

_EMPTY = Source("", "")


class Piece(NamedTuple):
    """Something that is only part of a node: the arguments of a call, a stride."""

    kind: str
    value: Any
    span: Span


@dataclass(slots=True)
class Chain:
    """`a; b`: several statements on one line."""

    statements: tuple[ast.Statement, ...]
    span: Span


class Builder:
    """Makes the nodes of one text at a time; `source` is that text."""

    source: Source = _EMPTY

    # ---- spans and children ----------------------------------------------

    def _span(self, children: list[Any]) -> Span:
        first, last = children[0], children[-1]
        start = first.start_pos if isinstance(first, str) else first.span.start
        end = last.end_pos if isinstance(last, str) else last.span.end
        return Span(self.source, start, end)

    def _at(self, token: Any) -> Span:
        return Span(self.source, token.start_pos, token.end_pos)

    def _word(self, token: Any) -> ast.Word:
        name = token[1:-1] if token.type == "STRING" else str(token)
        return ast.Word(name, self._at(token))

    def _words(self, children: list[Any], kind: str = "NAME") -> tuple[ast.Word, ...]:
        return tuple(self._word(c) for c in children if isinstance(c, str) and c.type == kind)

    # ---- statements ------------------------------------------------------

    def start(self, children: list[Any]) -> ast.Program:
        whole = Span(self.source, 0, len(self.source.text))
        return ast.Program(replace(children[0], span=whole), whole)

    def body(self, children: list[Any]) -> ast.Body:
        statements: list[ast.Statement] = []
        for child in children:
            if isinstance(child, Chain):
                statements.extend(child.statements)
            elif not isinstance(child, str):
                statements.append(child)
        span = self._span(children) if children else Span(self.source, 0, 0)
        return ast.Body(tuple(statements), span)

    def braces(self, children: list[Any]) -> ast.Body:
        return replace(children[1], span=self._span(children))

    def chain(self, children: list[Any]) -> Chain:
        return Chain(tuple(c for c in children if not isinstance(c, str)), self._span(children))

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

    def if_stmt(self, children: list[Any]) -> ast.If:
        orelse = self._body_of(children[4]) if len(children) == 5 else None
        return ast.If(children[1], children[2], orelse, self._span(children[:2]))

    def for_stmt(self, children: list[Any]) -> ast.For:
        return ast.For(self._word(children[1]), children[3], children[4], self._span(children[:4]))

    def table(self, children: list[Any]) -> ast.Table:
        rows = [c for c in children if isinstance(c, Piece)]
        return ast.Table(children[1], rows[0].value, tuple(r.value for r in rows[1:]), self._span(children))

    def row(self, children: list[Any]) -> Piece:
        return Piece("row", tuple(c for c in children if not isinstance(c, str)), self._span(children))

    def place(self, children: list[Any]) -> ast.Place:
        return ast.Place(children[0], children[0].span)

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
        return ast.Paper(str(children[1])[1:-1], self._span(children))

    def expect(self, children: list[Any]) -> ast.Expect:
        _, subject, op, value, *rest = children
        guard = rest.pop() if rest and isinstance(rest[-1], ast.Guard) else None
        but = rest[1] if rest else None
        reason = str(rest[2])[1:-1] if len(rest) == 3 else None
        return ast.Expect(self._word(subject), str(op), value, but, reason, guard, self._span(children))

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

    # ---- items -----------------------------------------------------------

    def item(self, children: list[Any]) -> ast.Item:
        return ast.Item(children[0], tuple(children[1:]), self._span(children))

    def _call(self, name: str, name_span: Span, dash: ast.Expr | None, children: list[Any]) -> ast.Call:
        stride = args = None
        for child in children:
            if isinstance(child, Piece):
                if child.kind == "stride":
                    stride = child.value
                else:
                    args = child.value
        return ast.Call(name, name_span, dash, stride, args, self._span(children))

    def dash(self, children: list[Any]) -> ast.Call:
        head = children[0]
        name_span = Span(self.source, head.start_pos, head.end_pos - 1)
        return self._call(str(head)[:-1], name_span, children[1], children)

    def kernel(self, children: list[Any]) -> ast.Call:
        comma = 2 if isinstance(children[1], Piece) else 1
        name = "conv" + children[0].replace("×", "x")
        return self._call(name, self._at(children[0]), children[comma + 1], children)

    def named(self, children: list[Any]) -> ast.Call:
        return self._call(str(children[0]), self._at(children[0]), None, children)

    def wrap(self, children: list[Any]) -> ast.Wrap:
        args = children[1].value if isinstance(children[1], Piece) else None
        name = children[0]
        return ast.Wrap(
            str(name), self._at(name), args, self._branches(children), self._stride(children), self._span(children)
        )

    def group(self, children: list[Any]) -> ast.Group:
        return ast.Group(self._branches(children), self._stride(children), self._span(children))

    def _stride(self, children: list[Any]) -> ast.Expr | None:
        last = children[-1]
        return last.value if isinstance(last, Piece) and last.kind == "stride" else None

    def _branches(self, children: list[Any]) -> tuple[ast.Branch, ...]:
        """The branches, an empty one (`[ a | ]`) placed where its text would stand."""
        found: list[ast.Branch] = []
        for before, child in zip([None, *children], children, strict=False):
            if isinstance(child, ast.Branch):
                empty = not child.items and child.label is None
                found.append(replace(child, span=self._after(before)) if empty else child)
        return tuple(found)

    def _after(self, token: Any) -> Span:
        return Span(self.source, token.end_pos, token.end_pos)

    def branch(self, children: list[Any]) -> ast.Branch:
        kept = [c for c in children if not isinstance(c, str) or c.type not in {"_NL", "SEMICOLON"}]
        if not kept:
            return ast.Branch(None, (), Span(self.source, 0, 0))
        label = self._word(kept[0]) if isinstance(kept[0], str) else None
        items = tuple(c for c in kept if isinstance(c, ast.Item))
        return ast.Branch(label, items, self._span(kept))

    def stride(self, children: list[Any]) -> Piece:
        return Piece("stride", children[1], self._span(children))

    def repeat(self, children: list[Any]) -> ast.Repeat:
        return ast.Repeat(children[1], self._stride(children), self._span(children))

    def label(self, children: list[Any]) -> ast.As:
        return ast.As(self._word(children[1]), self._span(children))

    def parts(self, children: list[Any]) -> ast.AsParts:
        return ast.AsParts(self._words(children), self._span(children))

    def copies(self, children: list[Any]) -> ast.AsCopies:
        return ast.AsCopies(self._word(children[1]), self._span(children))

    def guard(self, children: list[Any]) -> ast.Guard:
        ranges = tuple(c for c in children if isinstance(c, ast.VariantRange))
        return ast.Guard(ranges, self._span(children))

    def versions(self, children: list[Any]) -> ast.VariantRange:
        last = str(children[2]) if len(children) == 3 else None
        return ast.VariantRange(str(children[0]), last, self._span(children))

    def drop(self, children: list[Any]) -> ast.Drop:
        return ast.Drop(self._words(children), self._span(children))

    def bare(self, children: list[Any]) -> ast.Bare:
        return ast.Bare(self._span(children))

    def upto(self, children: list[Any]) -> ast.Upto:
        return ast.Upto(self._word(children[1]), self._span(children))

    def claim(self, children: list[Any]) -> ast.Claim:
        return ast.Claim(self._shape(children[1]), self._span(children))

    def _shape(self, token: Any) -> ast.ShapeText:
        dims = tuple(number_value(d) if d[0].isdigit() else d for d in token.replace("×", "x").split("x"))
        return ast.ShapeText(dims, self._at(token))

    def when(self, children: list[Any]) -> ast.When:
        return ast.When(children[1], self._span(children))

    # ---- expressions -----------------------------------------------------

    def args(self, children: list[Any]) -> Piece:
        found = tuple(c for c in children if isinstance(c, ast.Arg))
        return Piece("args", found, self._span(children))

    def arg(self, children: list[Any]) -> ast.Arg:
        name = str(children[0]) if len(children) == 3 else None
        return ast.Arg(name, children[-1], self._span(children))

    def binary(self, children: list[Any]) -> ast.Binary:
        left, op, right = children
        return ast.Binary(str(op), left, right, self._span(children))

    def unary(self, children: list[Any]) -> ast.Unary:
        return ast.Unary(str(children[0]), children[1], self._span(children))

    def apply(self, children: list[Any]) -> ast.Apply:
        name, args = children
        return ast.Apply(str(name), args.value, self._span(children), self._at(name))

    def number(self, children: list[Any]) -> ast.Number:
        token = children[0]
        return ast.Number(number_value(token), str(token), self._at(token))

    def string(self, children: list[Any]) -> ast.String:
        return ast.String(str(children[0])[1:-1], self._at(children[0]))

    def name(self, children: list[Any]) -> ast.Name:
        return ast.Name(str(children[0]), self._at(children[0]))

    def index(self, children: list[Any]) -> ast.Index:
        name = children[0]
        inner = next(c for c in children[1:] if not isinstance(c, str))
        return ast.Index(ast.Name(str(name), self._at(name)), inner, self._span(children))

    def paren(self, children: list[Any]) -> ast.Expr:
        return replace(children[1], span=self._span(children))

    def list(self, children: list[Any]) -> ast.List:
        items = tuple(c for c in children if not isinstance(c, str))
        return ast.List(items, self._span(children))
