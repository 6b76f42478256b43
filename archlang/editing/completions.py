"""What could be typed at a place of a text, whether that parses at the moment or not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import MISSING, fields

from archlang.editing.context import Context, Wanted, context
from archlang.editing.describe import about_option, default_of
from archlang.editing.files import importable
from archlang.editing.look import Look, looked
from archlang.editing.named import Named, labels_of, of_definition, variants_of
from archlang.editing.offers import (
    MODIFIERS,
    SAYS,
    STATEMENTS,
    WRAPPED,
    Completion,
    completion,
    keywords,
    layer,
    shorts,
)
from archlang.elaborate.env import Env
from archlang.elaborate.evaluate import FUNCTIONS
from archlang.elaborate.kinds import kind_of
from archlang.elaborate.packages import package_kind, package_names, usable_block
from archlang.elaborate.prelude import prelude_block, prelude_names
from archlang.elaborate.wraps import WRAPS
from archlang.ir.network import SUBJECTS
from archlang.ops import ALL, BY_WORD
from archlang.ops.init import INITIALIZERS
from archlang.source import Source
from archlang.syntax import ast


def completions(source: Source, offset: int) -> list[Completion]:
    """What could stand at `offset`, in characters of the text, likeliest first; it begins as what is typed there does.

    Never raises for what the text is: one that does not parse is read as far as it can be.
    """
    wanted = context(source.text, offset)
    if wanted.wanted is Wanted.NOTHING:
        return []
    look = looked(source)
    asked = _Asked(look, wanted, offset)
    start = offset - len(wanted.typed)
    typed = wanted.typed.lower()
    found: dict[tuple[str, str, str], Completion] = {}
    for each in asked.all():
        if each.label.lower().startswith(typed) or each.insert.lower().startswith(typed):
            found.setdefault((each.label, each.kind, each.insert), each)
    return [
        Completion(each.label, each.kind, each.detail, each.insert, each.documentation, start)
        for each in found.values()
    ]


class _Asked:
    """One question, and the parts of its answer."""

    def __init__(self, look: Look, wanted: Context, offset: int) -> None:
        self.look = look
        self.wanted = wanted
        self.area = look.index.top.at(offset)

    def all(self) -> Iterable[Completion]:
        """Everything that fits the place, whatever is typed."""
        answers: dict[Wanted, Callable[[], Iterable[Completion]]] = {
            Wanted.FILE: self._files,
            Wanted.IMPORTED: self._imported,
            Wanted.VARIANT: lambda: self._named(self.area.seen("variants").values()),
            Wanted.UPTO: self._upto,
            Wanted.DASH: self._dash,
            Wanted.DROP: self._companions,
            Wanted.LABEL: self._labels,
            Wanted.INITIALIZER: self._initializers,
            Wanted.SUBJECT: self._subjects,
            Wanted.OPTION: lambda: [*self._options(), *self._values()],
            Wanted.OPTION_VALUE: lambda: [*self._choices(), *self._values()],
            Wanted.VALUE: self._values,
            Wanted.MODIFIER: lambda: keywords(MODIFIERS),
            Wanted.FACT: lambda: keywords(SAYS),
            Wanted.ITEM: self._items,
            Wanted.STATEMENT: lambda: [*self._items(), *keywords(STATEMENTS)],
        }
        return answers[self.wanted.wanted]()

    # ---- names -------------------------------------------------------------

    def _named(self, named: Iterable[Named]) -> Iterator[Completion]:
        for each in named:
            yield completion(each)

    def _files(self) -> Iterator[Completion]:
        for name, where in importable(self.look.source):
            yield Completion(name, "file", where, name)

    def _initializers(self) -> Iterator[Completion]:
        for name in INITIALIZERS:
            yield Completion(name, "initializer", "how weights start", name)

    def _imported(self) -> Iterator[Completion]:
        text = f'import "{self.wanted.head}" as f'
        return _offered(Look(Source("completion", text, self.look.source.path)).module.env.modules.get("f"), "")

    def _of_module(self, name: str) -> Iterator[Completion]:
        return _offered(self.look.module.env.modules.get(name), f"{name}.")

    def _labels(self) -> list[Completion]:
        found = list(self._named(self.area.seen("labels").values()))
        found += self._named(each for each in self.area.seen("values").values() if each.kind == "parameter")
        return [*found, *self._placed(), Completion("all", "keyword", "every layer", "all")]

    def _placed(self) -> Iterator[Completion]:
        """The layers of the net at hand, by the names they have of themselves."""
        owner = self._net()
        for net in self.look.nets():
            if owner is None or net is owner:
                yield from _layers(self.look, net)

    def _net(self) -> ast.Net | None:
        return next((each.owner for each in self.area.chain() if isinstance(each.owner, ast.Net)), None)

    def _upto(self) -> list[Completion]:
        """Where the net that is called may stop."""
        head = self.area.head(self.wanted.head)
        if head is None or not isinstance(head.node, ast.Net):
            return []
        other = looked(head.span.source)
        net = next((each for each in other.nets() if each.name == head.name), head.node)
        return [*self._named(labels_of(head).values()), *_layers(other, net)]

    def _subjects(self) -> Iterator[Completion]:
        label, dot, _ = self.wanted.typed.rpartition(".")
        for subject in SUBJECTS:
            yield Completion(label + dot + subject, "subject", "a number of the paper", label + dot + subject)
        if not dot:
            yield from self._named(self.area.seen("labels").values())

    def _companions(self) -> list[Completion]:
        """What the word of the call has beside the plain layer."""
        word = self.area.head(self.wanted.head)
        if word is None or not isinstance(word.node, ast.Means):
            return [layer(kind, kind.word) for kind in ALL]
        core = word.node.item.core
        items = [item for branch in core.branches for item in branch.items] if not isinstance(core, ast.Call) else []
        heads = [item.core.name for item in items if isinstance(item.core, ast.Call)]
        kinds = [(head, kind_of(head)) for head in heads if head != word.name]
        return [layer(kind, head) for head, kind in kinds if kind is not None]

    # ---- layers --------------------------------------------------------------

    def _items(self) -> list[Completion]:
        if "." in self.wanted.typed:
            return list(self._of_module(self.wanted.typed.rpartition(".")[0]))
        own = self._net()
        near = [each for table in ("blocks", "nets", "externs") for each in self.area.seen(table).values()]
        found = [completion(each) for each in near if each.node is not own]
        known = {*BY_WORD, *self.area.seen("externs")}
        found += [completion(each) for each in self.area.seen("words").values() if each.name not in known]
        found += [completion(each) for each in self.area.seen("values").values() if each.kind == "parameter"]
        found += [layer(kind, short) for kind in ALL for short in shorts(kind)]
        found += [
            Completion(form.replace("  ", " "), "layer", about, form)
            for name, (form, about) in WRAPPED.items()
            if name in WRAPS
        ]
        for name in prelude_names():
            definition = prelude_block(name)
            if definition is not None and all(each.name != name for each in near):
                found.append(completion(of_definition(definition)))
        return [*found, *_brought()]

    def _dash(self) -> Iterable[Completion]:
        head = self.area.head(self.wanted.head)
        if head is not None and isinstance(head.node, ast.Net):
            return self._named(variants_of(head.node).values())
        return self._named(self.area.seen("values").values())

    # ---- inside parentheses ------------------------------------------------------

    def _options(self) -> Iterator[Completion]:
        named = self.area.head(self.wanted.head)
        if named is not None and named.kind == "word":
            named = self.area.find("externs", named.name) or named
        if named is not None and isinstance(named.node, ast.Net | ast.Block | ast.Extern):
            for i, each in enumerate(named.node.parameters):
                if each.name not in self.wanted.given and i >= self.wanted.positional:
                    what = f"= {each.default.span.text}" if each.default is not None else "no default"
                    yield Completion(each.name, "option", what, f"{each.name}=")
            return
        kind = kind_of(self.wanted.head) or (BY_WORD["conv"] if self.wanted.head[:1].isdigit() else None)
        for option in fields(kind) if kind is not None else ():
            if option.name not in self.wanted.given:
                default = "" if option.default is MISSING else f" = {default_of(option)}"
                detail = f"{option.metadata['kind']}{default}"
                yield Completion(option.name, "option", detail, f"{option.name}=", about_option(option))

    def _choices(self) -> Iterator[Completion]:
        kind = kind_of(self.wanted.head)
        for option in fields(kind) if kind is not None else ():
            if option.name == self.wanted.option:
                values = ("true", "false") if option.metadata["kind"] == "bool" else option.metadata.get("choices", ())
                for value in values:
                    yield Completion(str(value), "value", str(option.metadata["doc"]), str(value))

    def _values(self) -> Iterator[Completion]:
        yield from self._named(self.area.seen("values").values())
        yield from self._named(self.area.seen("labels").values())
        yield from self._named(self.area.seen("blocks").values())
        for name in FUNCTIONS:
            yield Completion(name, "function", f"{name}(...)", f"{name}(")
        for name, what in (("in.c", "channels"), ("in.h", "height"), ("in.w", "width")):
            yield Completion(name, "value", f"{what} of what came into the block", name)
        for name in ("true", "false"):
            yield Completion(name, "value", "", name)


def _offered(env: Env | None, prefix: str) -> Iterator[Completion]:
    """What a file offers, its names with `prefix`."""
    for table in (env.nets, env.blocks, env.words, env.externs) if env is not None else ():
        for definition in table.values():
            found = completion(of_definition(definition))
            yield Completion(prefix + found.label, found.kind, found.detail, prefix + found.insert, found.documentation)


def _brought() -> Iterator[Completion]:
    """The layers and blocks of packages that can be used."""
    for name in package_names():
        kind = package_kind(name)
        definition = usable_block(name) if kind is None else None
        if kind is not None and kind.word == name:
            yield from (layer(kind, short) for short in shorts(kind))
        if definition is not None:
            yield completion(of_definition(definition))


def _layers(look: Look, net: ast.Net) -> Iterator[Completion]:
    """The layers of a net that have a name of themselves: `conv1`, `pool4`."""
    network = look.network(net)
    for node in network.graph if network is not None else ():
        if "." not in node.path and node.label is None:
            yield Completion(node.path, "label", node.op.word, node.path)
