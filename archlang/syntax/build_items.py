"""From reductions of the grammar to layers, groups and what modifies them."""

from __future__ import annotations

from typing import Any

from archlang.source import Span
from archlang.syntax import ast
from archlang.syntax.build_expressions import Expressions, Piece, is_token


class Items(Expressions):
    """Makes the items of one text at a time."""

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
        if any(isinstance(child, ast.Item) for child in children):
            self._check_separators(children)  # of a branch that is empty that is told
        kept = [c for c in children if not is_token(c) or c.type not in {"_NL", "SEMICOLON"}]
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
            elif is_token(child) and child.type == "SEMICOLON":
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
