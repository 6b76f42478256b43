"""The outline of a text, and the shapes at the ends of its lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archlang.editing.describe import signature
from archlang.editing.look import Look, looked
from archlang.editing.named import Named
from archlang.editing.occurrences import several
from archlang.elaborate.uses import made_in
from archlang.ops.map2d import show
from archlang.record import record
from archlang.source import Source, Span
from archlang.syntax import ast


@record
class Symbol:
    """A part of a text with a name: `kind` is net, block, extern, stage, head, word or label.

    `span` is all of it, to fold by, `name_span` its name; `inside` are the parts that it holds.
    """

    name: str
    kind: str
    detail: str
    span: Span
    name_span: Span
    inside: tuple[Symbol, ...] = ()


@record
class Inlay:
    """A shape to show at the end of a line: `offset` is where its text ends."""

    offset: int
    text: str


def symbols(source: Source) -> list[Symbol]:
    """The nets, blocks, stages, heads, words and labels of a text, each in the one that holds it."""
    return list(_symbols(looked(source).module.program.body.statements))


def _symbols(statements: Iterable[ast.Statement]) -> Iterator[Symbol]:
    for statement in statements:
        match statement:
            case ast.Net() | ast.Block():
                kind = "net" if isinstance(statement, ast.Net) else "block"
                yield _symbol(Named(kind, statement.name, statement.name_span, statement), statement.body)
            case ast.Extern():
                named = Named("extern", statement.name, statement.name_span, statement)
                span = statement.span.to(statement.body_span or statement.span)
                yield Symbol(statement.name, "extern", signature(named), span, statement.name_span)
            case ast.Stage(name=ast.Word() as word, body=body):
                yield _symbol(Named("stage", word.name, word.span, statement), body)
            case ast.Aux(name=word, body=body):
                yield _symbol(Named("head", word.name, word.span, statement), body)
            case ast.Means(name=word):
                yield Symbol(
                    word.name,
                    "word",
                    signature(Named("word", word.name, word.span, statement)),
                    statement.span,
                    word.span,
                )
            case ast.Stage(body=body) | ast.From(body=body) | ast.Guarded(body=body) | ast.For(body=body):
                yield from _symbols(body.statements)
            case ast.If(then=then, orelse=orelse):
                yield from _symbols([*then.statements, *(orelse.statements if orelse is not None else ())])
            case ast.Place(item=item) | ast.Table(item=item):
                for word in made_in(item):
                    detail = " ".join(item.core.span.text.split())
                    yield Symbol(word.name, "label", detail, item.span, word.span)
            case _:
                pass


def _symbol(named: Named, body: ast.Body) -> Symbol:
    start = named.node.span.start
    whole = Span(named.span.source, start, max(body.span.end, named.node.span.end))
    return Symbol(named.name, named.kind, signature(named), whole, named.span, tuple(_symbols(body.statements)))


# ---- shapes at line ends -----------------------------------------------------------


def inlay(source: Source) -> list[Inlay]:
    """What leaves each line that places layers and does not say it: several shapes where its block is called so."""
    look = looked(source)
    lines: dict[int, ast.Item] = {}
    for item in _items(look.module.program.body.statements):
        lines[source.position(item.span.end)[0]] = item
    shapes = _shapes(look)
    found: list[Inlay] = []
    for number, item in sorted(lines.items()):
        told = any(isinstance(modifier, ast.Claim) for modifier in item.modifiers)
        here = shapes.get((item.span.start, item.span.end)) or shapes.get((item.core.span.start, item.core.span.end))
        if here and not told:
            found.append(Inlay(source.starts[number - 1] + len(source.line(number)), several(here)))
    return found


def _items(statements: Iterable[ast.Statement]) -> Iterator[ast.Item]:
    """The items of all bodies, in order; those in brackets are parts of one."""
    for statement in statements:
        match statement:
            case ast.Place(item=item):
                yield item
            case ast.If(then=then, orelse=orelse):
                yield from _items([*then.statements, *(orelse.statements if orelse is not None else ())])
            case (
                ast.Net(body=body)
                | ast.Block(body=body)
                | ast.Stage(body=body)
                | ast.From(body=body)
                | ast.Aux(body=body)
                | ast.Guarded(body=body)
                | ast.For(body=body)
            ):
                yield from _items(body.statements)
            case _:
                pass


def _shapes(look: Look) -> dict[tuple[int, int], list[str]]:
    """What leaves each piece of the text that was placed, by its place: the last layer of each occurrence decides."""
    found: dict[tuple[int, int], list[str]] = {}
    for net in look.nets():
        network = look.network(net)
        last: dict[tuple[tuple[int, int], int], int] = {}
        for node in network.graph if network is not None else ():
            if node.span.source is look.source:
                last[(node.span.start, node.span.end), -node.id - 1] = node.id
            for scope in node.scope.chain():
                if scope.span.source is look.source:
                    last[(scope.span.start, scope.span.end), id(scope)] = node.id
        for (place, _), id_ in last.items():
            if network is not None:
                found.setdefault(place, []).append(show(network.shapes[id_]))
    return found
