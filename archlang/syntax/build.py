"""From reductions of the grammar to the typed tree: one method for each rule.

The parser calls these as it reduces, with everything the rule matched, tokens
included, so that a node's span is the text from its first child to its last.
Tokens are strings with `type`, `start_pos` and `end_pos`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from archlang.source import Span
from archlang.syntax import ast
from archlang.syntax.build_expressions import Broken, Piece, is_token
from archlang.syntax.build_tables import Tables
from archlang.syntax.limits import MAX_NESTING


def _nearly_variant(word: str) -> bool:
    from difflib import get_close_matches  # only a slip needs it

    return bool(get_close_matches(word.lower(), ["variant"]))


@dataclass(slots=True)
class Chain:
    """`a; b`: several statements on one line."""

    statements: tuple[ast.Statement, ...]
    span: Span


class Builder(Tables):
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
