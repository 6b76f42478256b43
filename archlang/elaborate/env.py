"""Which names are known where: lexical scopes of values, words, blocks and nets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from archlang.ir.scope import Binding
from archlang.record import entity, record
from archlang.source import Span
from archlang.syntax import ast

Written_co = TypeVar("Written_co", bound=ast.Block | ast.Net | ast.Means | ast.Extern, covariant=True)


@entity
class Definition(Generic[Written_co]):
    """A block, net, word or layer of one's own: what was written, and the environment it was written in.

    `prelude` says that it is the standard library's, whose blocks use their caller's words.
    """

    name: str
    node: Written_co
    env: Env
    span: Span
    prelude: bool = False


@record
class Chosen:
    """The variant a net is elaborated in: the names declared, in order, and which one it is."""

    names: tuple[str, ...]
    name: str | None


class Env:
    """One lexical scope. Declarations hold for all of it; `let` and parameters from where they are bound.

    `words_from` is where words are looked for beyond this scope: a prelude's
    block takes its caller's words, everything else its own parent's. `binding` is
    the block's or net's own, where its `let`s are recorded. `missing` are names an
    import should have brought: whatever calls them fails in silence.
    """

    __slots__ = (
        "binding",
        "blocks",
        "externs",
        "missing",
        "modules",
        "nets",
        "parent",
        "values",
        "variant",
        "words",
        "words_from",
    )

    def __init__(self, parent: Env | None, *, words_from: Env | None = None, variant: Chosen | None = None) -> None:
        self.parent = parent
        self.words_from = words_from
        self.values: dict[str, Any] = {}
        self.words: dict[str, Definition[ast.Means]] = {}
        self.blocks: dict[str, Definition[ast.Block]] = {}
        self.nets: dict[str, Definition[ast.Net]] = {}
        self.externs: dict[str, Definition[ast.Extern]] = {}
        self.modules: dict[str, Env] = {}
        self.missing: set[str] = set()
        self.binding: Binding | None = None
        self.variant = variant if variant is not None or parent is None else parent.variant

    def chain(self) -> Iterator[Env]:
        """This scope and those around it."""
        env: Env | None = self
        while env is not None:
            yield env
            env = env.parent

    def value(self, name: str) -> Any:
        """The value bound to `name`; raises KeyError."""
        env: Env | None = self
        while env is not None:
            if name in env.values:
                return env.values[name]
            env = env.parent
        raise KeyError(name)

    def block(self, name: str) -> Definition[ast.Block] | None:
        """The block called `name`, `module.name` included."""
        return self._find("blocks", name)

    def net(self, name: str) -> Definition[ast.Net] | None:
        """The net called `name`."""
        return self._find("nets", name)

    def extern(self, name: str) -> Definition[ast.Extern] | None:
        """The `extern` declaration of a layer called `name`."""
        return self._find("externs", name)

    def word(self, name: str) -> Definition[ast.Means] | None:
        """What the word `name` stands for here, if a `means` line says so."""
        env: Env | None = self
        while env is not None:
            if name in env.words:
                return env.words[name]
            if env.words_from is not None:
                found = env.words_from.word(name)
                if found is not None:
                    return found
            env = env.parent
        if "." in name:
            return self._find("words", name)
        return None

    def _find(self, table: str, name: str) -> Any:
        module, _, rest = name.rpartition(".")
        env: Env | None = self
        while env is not None:
            if module:
                if module in env.modules:
                    return getattr(env.modules[module], table).get(rest)
            else:
                found = getattr(env, table).get(name)
                if found is not None:
                    return found
            env = env.parent
        return None

    def is_missing(self, name: str) -> bool:
        """Whether an import that failed should have brought the name."""
        module = name.partition(".")[0]
        return any(name in env.missing or module in env.missing for env in self.chain())

    def names(self) -> Iterator[str]:
        """Every value, block, net, word and declared layer in sight, for suggestions."""
        for env in self.chain():
            yield from env.values
            yield from env.blocks
            yield from env.nets
            yield from env.externs
            yield from env.words
            if env.words_from is not None:
                yield from (name for outer in env.words_from.chain() for name in outer.words)
