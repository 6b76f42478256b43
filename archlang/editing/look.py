"""A text as an editor asks about it: right or wrong, it is read as far as it can be."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property

from archlang.editing.index import Index, index
from archlang.elaborate.check import load
from archlang.elaborate.network import Ask, elaborate, nets
from archlang.elaborate.report import Report
from archlang.elaborate.variants import declared, default
from archlang.ir.network import Network
from archlang.passes.cost import Cost, costs
from archlang.passes.field import Field, fields
from archlang.resting import resting
from archlang.source import Source
from archlang.syntax import ast
from archlang.syntax.parse import Parsed


class Look:
    """One text, looked at once; every question makes its own, so that nothing it says is out of date.

    Whoever knows that nothing has changed since the last question may keep that one's (`keeping`).
    """

    def __init__(self, source: Source, parsed: Parsed | None = None) -> None:
        self.source = source
        self._loading = Report()
        self.module = load(source, self._loading, parsed)
        self._networks: dict[tuple[str, str | None], Network | None] = {}
        self._broken: set[tuple[str, str | None]] = set()
        self._costs: dict[int, dict[int, Cost]] = {}
        self._fields: dict[int, dict[int, Field | None]] = {}

    @cached_property
    def index(self) -> Index:
        """Its names."""
        return index(self.module)

    def nets(self) -> list[ast.Net]:
        """Its nets; a script is one."""
        return nets(self.module)

    def network(self, net: ast.Net, variant: str | None = None) -> Network | None:
        """What could be placed of a net, in a variant or the one that is meant when none is said."""
        variant = variant if variant is not None else default(net.body, net.parameters)
        key = (net.name, variant)
        if key not in self._networks:
            report = Report()
            report.broken, report.again = self._loading.broken, self._loading.again
            with resting():
                self._networks[key] = elaborate(self.module, net, report, Ask(variant=variant, partly=True))
            if report.failed or report.broken:
                self._broken.add(key)
        return self._networks[key]

    def is_broken(self, net: ast.Net, variant: str | None = None) -> bool:
        """Whether a net, in that variant, could not be placed whole."""
        variant = variant if variant is not None else default(net.body, net.parameters)
        self.network(net, variant)
        return (net.name, variant) in self._broken

    def variants(self, net: ast.Net) -> list[str]:
        """The variants that a net declares."""
        return [word.name for word, _ in declared(net.body)]

    def costs(self, network: Network) -> dict[int, Cost]:
        """What each layer of a network costs, by id."""
        if id(network) not in self._costs:
            self._costs[id(network)] = costs(network)
        return self._costs[id(network)]

    def fields(self, network: Network) -> dict[int, Field | None]:
        """What each layer of a network sees, by id."""
        if id(network) not in self._fields:
            self._fields[id(network)] = fields(network)
        return self._fields[id(network)]


_KEPT: ContextVar[Look | None] = ContextVar("kept", default=None)


@contextmanager
def keeping(look: Look) -> Generator[None]:
    """Let questions about the text of `look` be answered by it, while what stands in the `with` runs."""
    token = _KEPT.set(look)
    try:
        yield
    finally:
        _KEPT.reset(token)


def looked(source: Source) -> Look:
    """A look at a text: the one that is kept of it, else a new one."""
    kept = _KEPT.get()
    return kept if kept is not None and kept.source is source else Look(source)
