"""Walking items and expressions for their names."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from archlang.editing.named import Area, Mention, Named, labels_of, of_definition, parameter, variants_of
from archlang.elaborate.imports import Module
from archlang.source import Span
from archlang.syntax import ast


class Walk:
    """What a text declares and mentions, so far; `later` are the mentions to resolve when all is declared."""

    def __init__(self, module: Module) -> None:
        self.top = Area(Span(module.source, 0, len(module.source.text)), module=module)
        self.named: list[Named] = []
        self.mentions: list[Mention] = []
        self.later: list[Callable[[], None]] = []
        for table in ("blocks", "nets", "words", "externs"):
            for name, definition in getattr(module.env, table).items():
                if definition.span.source is not module.source:
                    getattr(self.top, table)[name] = of_definition(definition)

    # ---- what is declared and mentioned ----------------------------------------

    def declare(self, table: dict[str, Named], named: Named) -> None:
        """Enter a name, and mention it where it is declared."""
        self.named.append(named)
        named = table.setdefault(named.name, named)
        self.mentions.append(Mention(named.name, self.named[-1].span, named))

    def mention(self, name: str, span: Span, find: Callable[[], Named | None]) -> None:
        """Note a mention; what it is of is looked for when all is declared."""
        self.later.append(lambda: self.mentions.append(Mention(name, span, find())))

    def head(self, name: str, span: Span, area: Area) -> None:
        """Mention the head of a call: of `conv3` the word, if `conv` is one."""

        def note() -> None:
            named = area.head(name)
            short = named is not None and named.kind in {"word", "extern"} and name.startswith(named.name)
            shown = named.name if named is not None and short else name
            self.mentions.append(Mention(shown, Span(span.source, span.start, span.start + len(shown)), named))

        self.later.append(note)

    def label(self, word: ast.Word, area: Area) -> None:
        """Mention a label: of a dotted one the part that is declared here."""

        def note() -> None:
            named = area.label(word.name)
            size = len(named.name) if named is not None and word.name.startswith(named.name) else len(word.name)
            span = Span(word.span.source, word.span.start, word.span.start + size)
            self.mentions.append(Mention(word.name[:size], span, named))

        self.later.append(note)

    # ---- items ---------------------------------------------------------------

    def item(self, item: ast.Item, area: Area) -> None:
        """Walk a layer, group or call with what modifies it."""
        self._core(item.core, area)
        for modifier in item.modifiers:
            self._modifier(modifier, item, area)

    def _core(self, core: ast.Core, area: Area) -> None:
        if core.stride is not None:
            self.expression(core.stride, area)
        if isinstance(core, ast.Call):
            self.head(core.name, core.name_span, area)
            self._dash(core, area)
            self.args(core.args or (), lambda: _takes(core.name, area), area)
            return
        if isinstance(core, ast.Wrap):
            self.args(core.args or (), None, area)
        for branch in core.branches:
            if branch.label is not None:
                self.declare(area.labels, Named("label", branch.label.name, branch.label.span, branch))
            for item in branch.items:
                self.item(item, area)

    def _dash(self, core: ast.Call, area: Area) -> None:
        if core.dash is None:
            return
        dash = core.dash
        if isinstance(dash, ast.Name | ast.Number):
            name = dash.name if isinstance(dash, ast.Name) else dash.digits

            def find() -> Named | None:
                head = area.head(core.name)
                if head is not None and isinstance(head.node, ast.Net):
                    return variants_of(head.node).get(name)
                return area.value(name) if isinstance(dash, ast.Name) else None

            self.mention(name, dash.span, find)
            return
        self.expression(dash, area)

    def _modifier(self, modifier: ast.Modifier, item: ast.Item, area: Area) -> None:
        match modifier:
            case ast.As() | ast.AsCopies() | ast.AsParts():
                for word in modifier.names if isinstance(modifier, ast.AsParts) else (modifier.name,):
                    self.declare(area.labels, Named("label", word.name, word.span, item))
            case ast.Guard():
                self.guards([modifier], area)
            case ast.Repeat(count=count, stride=stride):
                for value in (count, stride):
                    if value is not None:
                        self.expression(value, area)
            case ast.Drop(names=names):
                for word in names:
                    self.head(word.name, word.span, area)
            case ast.Upto(name=word):
                core = item.core
                if isinstance(core, ast.Call):
                    self.mention(word.name, word.span, lambda: _label(area.head(core.name), word.name))
            case ast.When(condition=condition):
                self.expression(condition, area)
            case _:
                pass

    def guards(self, guards: Iterable[ast.Guard | None], area: Area) -> None:
        """Mention the variants of guards."""
        for guard in guards:
            for part in guard.ranges if guard is not None else ():
                source, start, end = part.span.source, part.span.start, part.span.end
                first, last = part.first, part.last
                self.mention(first, Span(source, start, start + len(first)), lambda n=first: area.find("variants", n))
                if last is not None:
                    self.mention(last, Span(source, end - len(last), end), lambda n=last: area.find("variants", n))

    # ---- expressions ---------------------------------------------------------

    def expression(self, expr: ast.Expr, area: Area) -> None:
        """Walk an expression."""
        match expr:
            case ast.Name(name=name, span=span):
                size = len(name.partition(".")[0])

                def note() -> None:
                    named = area.value(name)
                    whole = named is None or named.name == name or named.kind in {"block", "net", "word"}
                    shown = Span(span.source, span.start, span.end if whole else span.start + size)
                    self.mentions.append(Mention(shown.text, shown, named))

                self.later.append(note)
            case ast.Unary(operand=operand):
                self.expression(operand, area)
            case ast.Binary(left=left, right=right):
                self.expression(left, area)
                self.expression(right, area)
            case ast.Index(base=base, index=at):
                self.expression(base, area)
                self.expression(at, area)
            case ast.List(items=items):
                for each in items:
                    self.expression(each, area)
            case ast.Apply(name=name, args=args, name_span=span):
                self.mention(name, span, lambda: area.head(name))
                self.args(args, lambda: area.head(name), area)
            case _:
                pass

    def args(self, args: Iterable[ast.Arg], of: Callable[[], Named | None] | None, area: Area) -> None:
        """Walk arguments; `of` gives what they are given to."""
        for arg in args:
            self.expression(arg.value, area)
            if arg.name is not None:
                span = Span(arg.span.source, arg.span.start, arg.span.start + len(arg.name))
                self.mention(arg.name, span, lambda name=arg.name: _parameter(of() if of else None, name))


def _takes(name: str, area: Area) -> Named | None:
    """What takes the options of a call: of a word, the layer of one's own that it is called as."""
    named = area.head(name)
    own = area.find("externs", named.name) if named is not None and named.kind == "word" else None
    return own or named


def _parameter(named: Named | None, name: str) -> Named | None:
    if named is None or not isinstance(named.node, ast.Net | ast.Block | ast.Extern):
        return None
    return parameter(named.node, name)


def _label(named: Named | None, name: str) -> Named | None:
    """The label of a net that is called so."""
    return labels_of(named).get(name) if named is not None else None
