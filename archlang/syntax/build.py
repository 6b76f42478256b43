"""From reductions of the grammar to the typed tree: one method for each rule.

The parser calls these as it reduces, with everything the rule matched, tokens
included, so that a node's span is the text from its first child to its last.
Tokens are strings with `type`, `start_pos` and `end_pos`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from archlang.diagnostics import Diagnostic
from archlang.source import Source, Span
from archlang.syntax import ast
from archlang.syntax.limits import MAX_EXPRESSION, MAX_NESTING, MAX_NUMBER
from archlang.syntax.numbers import number_value

_EMPTY = Source("", "")
BROKEN_HEADER = "0 broken header"
"""The condition of the `if` that stands in for a header that could not be read."""

_CUT = -1


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


@dataclass(slots=True)
class Broken:
    """A header that could not be read, or a statement that has one."""

    span: Span


class Builder:
    """Makes the nodes of one text at a time.

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
        self.diagnostics.append(Diagnostic(code, message, span, help=help))
        self.broken.append(span)

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
            elif isinstance(child, Broken):
                self.broken.append(child.span)
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
        names = self._header(head)
        kept = tuple(r.value for r in rows if self._fits(r, len(names)))
        return ast.Table(children[1], names, kept, self._span(children))

    def _header(self, row: Piece) -> tuple[ast.Word, ...]:
        """The names of a table's columns; what is none is reported, and stands for one all the same."""
        for cell in row.value:
            if not isinstance(cell, ast.Name):
                self._say(
                    "table-header",
                    f"`{cell.span.text}` is no name of a column",
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
        for modifier in children[1:]:
            if isinstance(modifier, ast.Repeat) and modifier.span.text[0] == "*":
                self._check_star(children[0], modifier)
        return ast.Item(children[0], tuple(children[1:]), self._span(children))

    def _check_star(self, core: ast.Core, repeat: ast.Repeat) -> None:
        """`*3` repeats what stands in brackets; after a width it looks like a product, so it is refused."""
        if not isinstance(core, ast.Call) or (core.args is not None and core.span.text.endswith(")")):
            return
        count = repeat.count.span.text.strip()
        help = f"to repeat it, write `{core.span.text} x {count}`"
        if core.dash is not None:
            head = core.span.text[: core.dash.span.start - core.span.start]
            help = f"for a computed width, write `{head}({core.dash.span.text}*{count})`; {help}"
        self._say("computed-width", "`*` after a width could mean two things", core.span.to(repeat.span), help)

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
        """The branches that hold something; each that does not is reported."""
        found = tuple(c for c in children if isinstance(c, ast.Branch) and c.items)
        for place, child in enumerate(children):
            if isinstance(child, ast.Branch) and not child.items:
                self._empty(children[place - 1], children[place + 1], alone=not found)
        return found

    def _empty(self, before: Any, after: Any, *, alone: bool) -> None:
        span = Span(self.source, before.start_pos, after.end_pos)
        if alone and before == "[" and after == "]":
            self._say("empty-branch", "nothing stands in these brackets", span, "write the layers, or `identity`")
        else:
            help = "leave it out, or write `identity` for one that hands on what comes in"
            self._say("empty-branch", "this branch is empty", span, help)

    def branch(self, children: list[Any]) -> ast.Branch:
        self._check_separators(children)
        kept = [c for c in children if not isinstance(c, str) or c.type not in {"_NL", "SEMICOLON"}]
        if not kept:
            return ast.Branch(None, (), Span(self.source, 0, 0))
        label = self._word(kept[0]) if isinstance(kept[0], str) else None
        items = tuple(c for c in kept if isinstance(c, ast.Item))
        return ast.Branch(label, items, self._span(kept))

    def _check_separators(self, children: list[Any]) -> None:
        alone = True
        for child in children:
            if isinstance(child, ast.Item):
                alone = False
            elif isinstance(child, str) and child.type == "SEMICOLON":
                if alone:
                    self._say("empty-item", "nothing stands before this `;`", self._at(child), "leave it out")
                alone = True

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
        span = self._at(token)
        dims = tuple(self._value(d, span) if d[0].isdigit() else d for d in token.replace("×", "x").split("x"))
        for dim in dims:
            if isinstance(dim, float):
                self._say("bad-shape", f"a size is a whole number, not `{token}`", span, "write `=> 56x56`")
        return ast.ShapeText(tuple(1 if isinstance(d, float) else d for d in dims), span)

    def when(self, children: list[Any]) -> ast.When:
        return ast.When(children[1], self._span(children))

    # ---- expressions -----------------------------------------------------

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
        return ast.Number(0, "0", self._span(children))

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
        return ast.Number(self._value(str(token), span), str(token), span)

    def _value(self, text: str, span: Span) -> int | float:
        value = number_value(text)
        if value is not None:
            return value
        self._say(
            "too-large",
            f"this number is larger than {MAX_NUMBER:,}",
            span,
            "no size of a network is; numbers may end in K, M or G",
        )
        return MAX_NUMBER

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
