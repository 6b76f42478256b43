"""Who reads a tensor, and who else sees it."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from archlang.ir.graph import Node
from archlang.ir.network import Network


class Reads:
    """The readers of a network's tensors. `places` says which function each layer runs in, if that matters."""

    def __init__(self, network: Network, places: Mapping[int, int] | None = None) -> None:
        self.graph, self._shapes, self._places = network.graph, network.shapes, places
        self._seen: dict[int, str] = {}
        for name, id_ in network.taps.items():
            self._seen.setdefault(id_, f"tapped as `{name}`")
        for result in network.results:
            self._seen.setdefault(result.output, "an output of the network")
        for head in network.heads:
            self._seen.setdefault(head.output, f"the output of the head `{head.name}`")
        for id_ in network.inputs:
            self._seen.setdefault(id_, "an input of the network")

    def only(self, id_: int) -> Node | None:
        """The one layer that reads a tensor nobody else reads or sees; None where there is no such one."""
        readers = self.graph.readers(id_)
        alone = len(readers) == 1 and id_ not in self._seen and self.together(id_, readers[0])
        return self.graph[readers[0]] if alone else None

    def width(self, id_: int) -> float:
        """The channels of a tensor, without bound where they are not known."""
        width = self._shapes[id_][0]
        return width if isinstance(width, int) else inf

    def seen(self, id_: int) -> bool:
        """Whether somebody else than a layer looks at a tensor."""
        return id_ in self._seen

    @property
    def placed(self) -> bool:
        """Whether it is known which function each layer runs in."""
        return self._places is not None

    def together(self, one: int, other: int) -> bool:
        """Whether two layers run in one function."""
        if self._places is None:
            return True
        return one in self._places and self._places[one] == self._places.get(other)

    def place(self, id_: int) -> int | None:
        """The function that a layer runs in; None where that is not known."""
        return None if self._places is None else self._places.get(id_)

    def after(self, id_: int) -> str:
        """Why what follows a tensor cannot be taken in by what makes it, in words."""
        readers = list(dict.fromkeys(self.graph.readers(id_)))
        if id_ in self._seen:
            return f"its output is {self._seen[id_]}"
        if len(readers) > 1 or len(self.graph.readers(id_)) > 1:
            return f"its output is read by {listed([self.name(reader) for reader in readers])}"
        if not readers:
            return "nobody reads its output"
        if not self.together(id_, readers[0]):
            return f"{self.name(readers[0])} runs in another module's forward"
        return f"`{self.graph[readers[0]].op.word}` follows it"

    def name(self, id_: int) -> str:
        """A layer's name in backticks."""
        return f"`{self.graph[id_].path}`"


def listed(names: list[str]) -> str:
    """`a`, `b` and `c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
