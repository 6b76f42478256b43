"""Which sizes of the input a network takes: tried one by one on its graph, and by reading it again in doubt.

Sizes are of square inputs; all maps have the same. Channels stay, and inputs that are no maps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from archlang.ir.graph import Graph, Node
from archlang.ir.network import Network
from archlang.ops.dim import Size, symbol
from archlang.ops.limits import checked_shape
from archlang.ops.op import Op, Shape, ShapeError
from archlang.passes.field import MAP
from archlang.passes.rounding import rounded_windows
from archlang.record import record

MOST = 1024
"""The largest size that is tried, unless the network's own is larger."""

_LEAST_TRIED = 64
_WORK = 1_000_000
"""Layers whose shapes are worked out at most: a deep network is tried to fewer sizes."""
_WORK_AGAIN = 60_000
"""Layers placed at most where the file must be read again for each size."""
_CHECKED = 12

Again = Callable[[tuple[Shape, ...]], Network | None]
"""Reads the network again on inputs of these shapes; None if it does not check."""


@record
class Sizes:
    """What was found, sizes ascending, none past `most`.

    `legal` sizes check; at those in `inference` all fits but train-only heads,
    which the rest leaves out. On those in `exact` no window hangs over the end of its
    map and none leaves rows over, so that rounding up and down are one. At those
    in `same` every weight has the shape it has at the network's own size `own`;
    None where that size is not known. `depends` says that the file makes other
    layers at other sizes.
    """

    most: int
    own: int | None
    legal: tuple[int, ...]
    inference: tuple[int, ...]
    exact: tuple[int, ...]
    same: tuple[int, ...] | None
    depends: bool


class NoMapError(Exception):
    """The network has no input with height and width."""


def legal_sizes(network: Network, again: Again, most: int = MOST) -> Sizes:
    """Try sizes from 1 up to `most`, or as far as the work for a deep network goes.

    Raises `NoMapError` where no input is a map.
    """
    if not any(len(network.shapes[id_]) == MAP for id_ in network.inputs):
        raise NoMapError
    own = _own(network)
    most = max(most, own or 0)
    reach = max(min(most, _WORK // len(network.graph)), _LEAST_TRIED, own or 0)
    trial = Trial(network)
    needed = [node.id for node in inference(network)]
    tried = {size: trial.fitting(size) for size in range(1, reach + 1)}
    shapes = {size: made for size, made in tried.items() if all(id_ in made for id_ in needed)}
    legal = tuple(size for size, made in shapes.items() if len(made) == len(network.graph))
    if all(_agree(network, again, size, made=size in legal) for size in _doubtful(frozenset(legal), reach, own)):
        return _sizes(network, own, reach, shapes, legal)
    reach = min(most, max(_LEAST_TRIED, _WORK_AGAIN // len(network.graph)))
    sizes = [*range(1, reach + 1), *([own] if own is not None and own > reach else [])]
    found = {size: made for size in sizes if (made := again(input_shapes(network, size))) is not None}
    return _each_read(network, own, reach, found)


def input_shapes(network: Network, size: Size, width: Size | None = None) -> tuple[Shape, ...]:
    """The shapes of all inputs with maps of `size`, square unless a width is given."""
    wide = size if width is None else width
    given = [network.shapes[id_] for id_ in network.inputs]
    return tuple((shape[0], size, wide) if len(shape) == MAP else shape for shape in given)


def _own(network: Network) -> int | None:
    """The height of its own input, the larger side of one that is not square."""
    maps = [shape for id_ in network.inputs if len(shape := network.shapes[id_]) == MAP]
    sides = [side for shape in maps for side in shape[1:]]
    known = [side for side in sides if isinstance(side, int)]
    return max(known) if len(known) == len(sides) else None


class Trial:
    """A network's graph, to be gone through on inputs of other sizes; no layer is worked out twice on the same."""

    def __init__(self, network: Network) -> None:
        self._network = network
        numbers: dict[Op, int] = {}
        self._kinds = {node.id: numbers.setdefault(node.op, len(numbers)) for node in network.graph}
        self._known: dict[tuple[int, tuple[Shape, ...]], Shape | None] = {}

    def fitting(self, size: Size, width: Size | None = None) -> dict[int, Shape]:
        """The shapes of the layers that fit, by id; what reads one that does not is left out too."""
        found = dict(zip(self._network.inputs, input_shapes(self._network, size, width), strict=True))
        for node in self._network.graph:
            if node.id in found or any(i not in found for i in node.inputs):
                continue
            key = self._kinds[node.id], tuple([found[i] for i in node.inputs])
            if key not in self._known:
                self._known[key] = _shape(node.op, key[1])
            shape = self._known[key]
            if shape is not None:
                found[node.id] = shape
        return found


def inference(network: Network) -> list[Node]:
    """The layers that inference runs."""
    return [node for node in network.graph if node.id not in network.train_only]


def _shape(op: Op, inputs: tuple[Shape, ...]) -> Shape | None:
    try:
        return checked_shape(op, inputs)
    except ShapeError:
        return None


# ---- is the graph the same at every size? ------------------------------------


def _doubtful(shapes: frozenset[int], most: int, own: int | None) -> list[int]:
    """Sizes at which the verdict changes, some between, and the largest."""
    edges = [size for size in range(2, most + 1) if (size in shapes) != (size - 1 in shapes)][: _CHECKED // 2]
    some = [size for edge in edges for size in (edge - 1, edge)]
    between = [size for size in ((own or most) // 2, (own or most) + 1, most) if 1 <= size <= most]
    return [*some, *between]


def _agree(network: Network, again: Again, size: int, *, made: bool) -> bool:
    """Whether reading the network anew says the same of a size, and makes the same layers."""
    found = again(input_shapes(network, size))
    if found is None or not made:
        return (found is not None) == made
    return _layers(found.graph, found.inputs) == _layers(network.graph, network.inputs)


def _layers(graph: Graph, inputs: Sequence[int]) -> list[tuple[Op | None, tuple[int, ...]]]:
    return [(None if node.id in inputs else node.op, node.inputs) for node in graph]


# ---- what is exact, and what keeps its weights -------------------------------


def _sizes(
    network: Network, own: int | None, most: int, shapes: Mapping[int, Mapping[int, Shape]], legal: tuple[int, ...]
) -> Sizes:
    nodes = inference(network)
    exact = tuple(size for size, made in shapes.items() if not any(rounded_windows(nodes, made)))
    same = None
    if own is not None:
        weights = Weights(nodes)
        mine = weights.of(network.shapes)
        same = tuple(size for size, made in shapes.items() if weights.of(made) == mine)
    return Sizes(most, own, legal, tuple(shapes), exact, same, depends=False)


def _each_read(network: Network, own: int | None, most: int, found: Mapping[int, Network]) -> Sizes:
    exact = tuple(size for size, net in found.items() if not any(rounded_windows(inference(net), net.shapes)))
    same = None
    if own is not None:
        mine = Weights(inference(network)).of(network.shapes)
        same = tuple(size for size, net in found.items() if Weights(inference(net)).of(net.shapes) == mine)
    return Sizes(most, own, tuple(found), tuple(found), exact, same, depends=True)


class Weights:
    """The tensors that layers have in the state_dict, whatever the sizes are."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._nodes = [node for node in nodes if node.op.stateful]
        self._known: dict[tuple[Op, tuple[Shape, ...]], Mapping[str, object]] = {}

    def of(self, shapes: Mapping[int, Shape]) -> list[object]:
        """The shapes of all tensors, with outputs of these shapes."""
        return [(node.path, self._tensors(node, shapes)) for node in self._nodes]

    def _tensors(self, node: Node, shapes: Mapping[int, Shape]) -> Mapping[str, object]:
        inputs = tuple([shapes[i] for i in node.inputs])
        key = node.op, inputs
        if key not in self._known:
            self._known[key] = {**node.op.tensors(inputs), **node.op.buffers(inputs)}
        return self._known[key]


# ---- rules -------------------------------------------------------------------


@record
class Rule:
    """Sizes in short: `runs` (first, last), then each of `starts` and for ever `every` further; 0 if they end."""

    runs: tuple[tuple[int, int], ...]
    starts: tuple[int, ...] = ()
    every: int = 0


_LONGEST = 128
_MOST_STARTS = 24
_TURNS = 3
"""Periods that must be seen before a period is believed."""


def rule(sizes: Sequence[int], most: int) -> Rule:
    """The rule that ascending sizes follow up to `most`."""
    members = frozenset(sizes)
    for before, first in enumerate(sizes[:_MOST_STARTS]):
        for period in range(1, min(_LONGEST, (most - first) // _TURNS) + 1):
            tail = range(first, most - period + 1)
            if first + period in members and all((size in members) == (size + period in members) for size in tail):
                starts = tuple(size for size in sizes[before : before + period] if size < first + period)
                return Rule(_runs(sizes[:before]), starts, period)
    return Rule(_runs(sizes))


def _runs(sizes: Sequence[int]) -> tuple[tuple[int, int], ...]:
    if not sizes:
        return ()
    breaks = [i for i, (one, other) in enumerate(pairwise(sizes), 1) if other != one + 1]
    return tuple((sizes[a], sizes[b - 1]) for a, b in pairwise([0, *breaks, len(sizes)]))


def formulas(network: Network, again: Again, *, depends: bool) -> Mapping[int, Shape]:
    """The shape of each layer for an input of height H and width W, as far as the sizes can stay symbols.

    Where the layers depend on the size, the file is read again with symbols; none
    are known if it makes other layers then.
    """
    height, width = symbol("H"), symbol("W")
    if not depends:
        return Trial(network).fitting(height, width)
    found = again(input_shapes(network, height, width))
    if found is None or _paths(found) != _paths(network):
        return {}
    return found.shapes


def _paths(network: Network) -> list[tuple[int, str, str]]:
    return [(node.id, node.path, node.op.word) for node in network.graph]
