"""A text's names: walks its tree once."""

from __future__ import annotations

from collections.abc import Iterable

from archlang.editing.named import Area, Mention, Named, parameter
from archlang.editing.walk import Walk
from archlang.elaborate.imports import Module
from archlang.record import record
from archlang.source import Span
from archlang.syntax import ast


@record
class Index:
    """The names of one file: its outermost area, what it declares, and what it mentions, declarations included."""

    top: Area
    named: tuple[Named, ...]
    mentions: tuple[Mention, ...]

    def at(self, offset: int) -> Mention | None:
        """The mention at an offset; the shortest where several hold it."""
        found = [each for each in self.mentions if each.span.start <= offset <= each.span.end]
        return min(found, key=lambda each: each.span.end - each.span.start, default=None)


def index(module: Module) -> Index:
    """The names of a file."""
    walk = _Statements(module)
    walk.body(module.program.body, walk.top)
    for resolve in walk.later:
        resolve()
    walk.mentions.sort(key=lambda each: (each.span.start, each.span.end))
    return Index(walk.top, tuple(walk.named), tuple(walk.mentions))


class _Statements(Walk):
    """The statements of a file."""

    # ---- statements -----------------------------------------------------------

    def body(self, body: ast.Body, area: Area) -> None:
        """Walk the statements of a body, whose names go to `area`."""
        for statement in body.statements:
            self.statement(statement, area)

    def within(self, body: ast.Body, area: Area) -> Area:
        """Walk a body with values of its own; its labels are those around it."""
        inner = Area(body.span, area, labels=area.labels)
        area.inner.append(inner)
        self.body(body, inner)
        return inner

    def statement(self, statement: ast.Statement, area: Area) -> None:  # noqa: C901, PLR0912 - one case a form
        """Walk one statement."""
        match statement:
            case ast.Import():
                self._import(statement, area)
            case ast.Net() | ast.Block():
                self._definition(statement, area)
            case ast.Means(name=word, item=item):
                self.declare(area.words, Named("word", word.name, word.span, statement))
                self.item(item, area)
            case ast.Let(name=word, value=value):
                self.declare(area.values, Named("value", word.name, word.span, statement))
                self.expression(value, area)
            case ast.Input(name=word):
                if word is not None:
                    self.declare(area.labels, Named("input", word.name, word.span, statement))
            case ast.Variant():
                self._variant(statement, area)
            case ast.Stage(name=word, body=body):
                if word is not None:
                    self.declare(area.labels, Named("stage", word.name, word.span, statement))
                self.body(body, area)
            case ast.From(labels=names, body=body):
                self._labels(names, area)
                self.body(body, area)
            case ast.Aux():
                self.declare(area.labels, Named("head", statement.name.name, statement.name.span, statement))
                self.args(statement.args, None, area)
                inner = Area(statement.body.span, area, owner=statement)
                area.inner.append(inner)
                self.body(statement.body, inner)
            case ast.If(condition=condition, then=then, orelse=orelse):
                self.expression(condition, area)
                self.within(then, area)
                if orelse is not None:
                    self.within(orelse, area)
            case ast.For(name=word, values=values, body=body):
                self.expression(values, area)
                inner = Area(body.span, area, labels=area.labels)
                area.inner.append(inner)
                self.declare(inner.values, Named("value", word.name, word.span, statement))
                self.body(body, inner)
            case ast.Table():
                self._table(statement, area)
            case ast.Guarded(guard=guard, body=body):
                self.guards([guard], area)
                self.body(body, area)
            case ast.Place(item=item):
                self.item(item, area)
            case _:
                self._said(statement, area)

    def _said(self, statement: ast.Statement, area: Area) -> None:
        """Walk a statement that declares or speaks of layers and places none."""
        match statement:
            case ast.Extern():
                self._extern(statement, area)
            case ast.Paper(guard=guard):
                self.guards([guard], area)
            case ast.Expect():
                self._expect(statement, area)
            case ast.ExpectSize(label=word, guard=guard):
                self.label(word, area)
                self.guards([guard], area)
            case ast.Taps(names=names) | ast.Output(names=names):
                self._labels(names, area)
            case ast.Freeze(ranges=ranges):
                self._ranges(ranges, area)
            case ast.Setting(ranges=ranges, value=value):
                self._ranges(ranges, area)
                self.expression(value, area)
            case _:
                pass

    def _import(self, statement: ast.Import, area: Area) -> None:
        if statement.alias is not None:
            self.declare(area.modules, Named("import", statement.alias.name, statement.alias.span, statement))
        for word in statement.names:
            self.mention(word.name, word.span, lambda name=word.name: area.head(name))

    def _definition(self, node: ast.Net | ast.Block, area: Area) -> None:
        kind, table = ("net", area.nets) if isinstance(node, ast.Net) else ("block", area.blocks)
        self.declare(table, Named(kind, node.name, node.name_span, node))
        inner = Area(Span(node.span.source, node.name_span.end, node.body.span.end), area, owner=node)
        area.inner.append(inner)
        self._parameters(node, inner)
        self.body(node.body, inner)

    def _extern(self, node: ast.Extern, area: Area) -> None:
        named = Named("extern", node.name, node.name_span, node)
        self.declare(area.externs, named)
        end = node.body_span.end if node.body_span is not None else node.span.end
        inner = Area(Span(node.span.source, node.name_span.end, end), area)
        area.inner.append(inner)
        self._parameters(node, inner)
        self.args(node.args or (), None, inner)
        for fact in node.facts:
            self.expression(fact.value, inner)

    def _parameters(self, node: ast.Net | ast.Block | ast.Extern, inner: Area) -> None:
        for each in node.parameters:
            named = parameter(node, each.name)
            if named is not None:
                self.declare(inner.values, named)
            if each.default is not None:
                self.expression(each.default, inner.parent or inner)

    def _variant(self, statement: ast.Variant, area: Area) -> None:
        for word in statement.names:
            self.declare(area.variants, Named("variant", word.name, word.span, statement))
        self.args(statement.bindings, lambda: _owner(area), area)

    def _expect(self, statement: ast.Expect, area: Area) -> None:
        label, dot, _ = statement.subject.name.rpartition(".")
        if dot:
            start = statement.subject.span.start
            self.label(ast.Word(label, Span(statement.span.source, start, start + len(label))), area)
        for value in (statement.value, statement.but):
            if value is not None:
                self.expression(value, area)
        self.guards([statement.guard], area)

    def _table(self, statement: ast.Table, area: Area) -> None:
        inner = Area(statement.span, area, labels=area.labels)
        area.inner.append(inner)
        for word in statement.header:
            self.declare(inner.values, Named("value", word.name, word.span, statement))
        self.item(statement.item, inner)
        for row in statement.rows:
            for value in row:
                self.expression(value, area)

    def _labels(self, words: Iterable[ast.Word], area: Area) -> None:
        for word in words:
            self.label(word, area)

    def _ranges(self, ranges: Iterable[ast.LabelRange], area: Area) -> None:
        for each in ranges:
            self._labels([word for word in (each.first, each.last) if word is not None], area)


def _owner(area: Area) -> Named | None:
    """The net that an area is in."""
    owner = next((each.owner for each in area.chain() if each.owner is not None), None)
    return Named("net", owner.name, owner.name_span, owner) if isinstance(owner, ast.Net) else None
