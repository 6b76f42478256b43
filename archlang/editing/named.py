"""What a name of a text means: everything that is declared, and everything that speaks of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from archlang.elaborate.env import Definition
from archlang.elaborate.imports import Module
from archlang.elaborate.kinds import kind_of, split_head
from archlang.elaborate.packages import usable_block
from archlang.elaborate.prelude import prelude_block
from archlang.elaborate.uses import made_in
from archlang.record import entity, record
from archlang.source import Source, Span
from archlang.syntax import ast

Declared = (
    ast.Net
    | ast.Block
    | ast.Extern
    | ast.Means
    | ast.Parameter
    | ast.Let
    | ast.For
    | ast.Table
    | ast.Variant
    | ast.Import
    | ast.Item
    | ast.Stage
    | ast.Input
    | ast.Aux
    | ast.Branch
)
"""What gives a name to something."""

_RESERVED = {"in", "out", "copy", "true", "false"}


@record
class Place:
    """Where a name is declared: the file (or the name of a text that is none), and the offset."""

    file: str
    start: int


@entity
class Named:
    """Something with a name.

    `kind` is net, block, word, extern, parameter, value, label, stage, head, input, variant or import; `span` that of
    its name where it is declared, `node` what declares it. `prelude` says that it comes along with archlang.
    """

    kind: str
    name: str
    span: Span
    node: Declared
    prelude: bool = False

    @property
    def place(self) -> Place:
        """What tells it from others, however often its file was read."""
        return Place(file_of(self.span.source), self.span.start)


def file_of(source: Source) -> str:
    """What a source is called by: its file, else its name."""
    return str(source.path.resolve()) if source.path is not None else source.name


@record
class Mention:
    """A place that speaks of something; `named` is None for what the language knows itself, and for what nothing is."""

    name: str
    span: Span
    named: Named | None


@dataclass(eq=False, slots=True)
class Area:
    """A part of the text with names of its own: `span` is that part; `labels` those of the net, block or head it is in.

    `module` is the file's, in its outermost area.
    """

    span: Span
    parent: Area | None = None
    owner: ast.Net | ast.Block | ast.Aux | None = None
    module: Module | None = None
    values: dict[str, Named] = field(default_factory=dict[str, Named])
    blocks: dict[str, Named] = field(default_factory=dict[str, Named])
    nets: dict[str, Named] = field(default_factory=dict[str, Named])
    words: dict[str, Named] = field(default_factory=dict[str, Named])
    labels: dict[str, Named] = field(default_factory=dict[str, Named])
    externs: dict[str, Named] = field(default_factory=dict[str, Named])
    variants: dict[str, Named] = field(default_factory=dict[str, Named])
    modules: dict[str, Named] = field(default_factory=dict[str, Named])
    inner: list[Area] = field(default_factory=list["Area"])

    def chain(self) -> list[Area]:
        """This area and those around it, innermost first."""
        found: list[Area] = []
        area: Area | None = self
        while area is not None:
            found.append(area)
            area = area.parent
        return found

    def at(self, offset: int) -> Area:
        """The innermost area that holds an offset."""
        for area in self.inner:
            if area.span.start <= offset <= area.span.end:
                return area.at(offset)
        return self

    def seen(self, table: str) -> dict[str, Named]:
        """All names of one table in sight."""
        found: dict[str, Named] = {}
        for area in self.chain():
            for name, named in getattr(area, table).items():
                found.setdefault(name, named)
        return found

    def find(self, table: str, name: str) -> Named | None:
        """What a name of one table means here."""
        return next((named for area in self.chain() if (named := getattr(area, table).get(name)) is not None), None)

    def value(self, name: str) -> Named | None:
        """What a name in an expression means, or the first part of a dotted one: a value, a label or a block."""
        stem = name.partition(".")[0]
        if stem in _RESERVED:
            return self.find("values", name)  # `out` may be a parameter of an `extern`
        return self.find("values", stem) or self.label(stem) or self.head(name)

    def label(self, name: str) -> Named | None:
        """What a label means, or the first part of a dotted one."""
        stem = name.partition(".")[0]
        return self.find("labels", name) or self.find("labels", stem) or self.find("values", stem)

    def head(self, name: str) -> Named | None:
        """What the head of a call means: a value, block, net, word or declared layer; None for one of the language."""
        for table in ("values", "blocks", "nets", "words", "externs"):
            if (found := self.find(table, name)) is not None:
                return found
        if "." in name:
            return self._of_module(name)
        definition = prelude_block(name)
        if definition is not None:
            return of_definition(definition)
        stem = split_head(name)[0]
        found = self.find("words", stem) or self.find("externs", stem) if stem != name else None
        if found is None and kind_of(name) is None and (definition := usable_block(name)) is not None:
            return of_definition(definition)
        return found

    def _of_module(self, name: str) -> Named | None:
        env = next((area.module.env for area in self.chain() if area.module is not None), None)
        if env is None:
            return None
        stem = split_head(name)[0]
        found = (
            env.block(name) or env.net(name) or env.word(name) or env.extern(name) or env.word(stem) or env.extern(stem)
        )
        return of_definition(found) if found is not None else None


def of_definition(
    definition: Definition[ast.Block] | Definition[ast.Net] | Definition[ast.Means] | Definition[ast.Extern],
) -> Named:
    """What a definition of another file declares."""
    node = definition.node
    match node:
        case ast.Block():
            return Named("block", node.name, node.name_span, node, definition.prelude)
        case ast.Net():
            return Named("net", node.name, node.name_span, node, definition.prelude)
        case ast.Extern():
            return Named("extern", node.name, node.name_span, node, definition.prelude)
        case ast.Means():
            return Named("word", node.name.name, node.name.span, node, definition.prelude)


def parameter(node: ast.Net | ast.Block | ast.Extern, name: str) -> Named | None:
    """The parameter of a net, block or declared layer that is called so."""
    for each in node.parameters:
        if each.name == name:
            return Named("parameter", name, Span(each.span.source, each.span.start, each.span.start + len(name)), each)
    return None


def variants_of(node: ast.Net) -> dict[str, Named]:
    """The variants that a net declares."""
    lines = [line for line in node.body.statements if isinstance(line, ast.Variant)]
    return {word.name: Named("variant", word.name, word.span, line) for line in lines for word in line.names}


def labels_of(named: Named) -> dict[str, Named]:
    """The labels that a net gives in its body."""
    if not isinstance(named.node, ast.Net):
        return {}
    made = made_in(named.node.body)
    return {word.name: Named("label", word.name, word.span, named.node) for word in made}
