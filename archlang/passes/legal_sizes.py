"""Which sizes of the input a network takes: tried one by one on its graph, and by reading it again in doubt.

Squares are tried first, then rectangles: heights beside one width, widths beside one height.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from archlang.ir.graph import Graph, Node
from archlang.ir.network import Network
from archlang.ops.dim import symbol
from archlang.ops.op import Op, Shape
from archlang.passes.rounding import rounded_windows
from archlang.passes.trial import NoMapError, Shapes, Trial, Weights, inference, input_shapes, maps
from archlang.record import record

MOST = 1024
"""The largest size that is tried, unless the network's own is larger."""

_LEAST_TRIED = 64
_WORK = 400_000
"""Layers whose shapes are worked out at most: a deep network is tried to fewer sizes."""
_WORK_AGAIN = 60_000
"""Layers placed at most where the file must be read again for each size."""
_CHECKED = 12

Again = Callable[[Shapes], Network | None]
"""Reads the network again on inputs of these shapes; None if it does not check."""


@record
class Seen:
    """A network's layers at inference and their shapes, on an input of one size that all of them fit."""

    nodes: Sequence[Node]
    shapes: Mapping[int, Shape]


Look = Callable[[int, int], Seen | None]
"""The network on an input of a height and a width; None where it does not fit."""


@record
class Kept:
    """Sizes, ascending: those that inference `takes`, those where nothing is rounded, those that keep all weights.

    On an `exact` size no window hangs over the end of its map and none leaves rows
    over. At those in `same` every weight has the shape it has at the network's own
    size; None where that is not known.
    """

    takes: tuple[int, ...]
    exact: tuple[int, ...]
    same: tuple[int, ...] | None


@record
class Sizes:
    """What was found of squares, and of rectangles, no side past `most`.

    `legal` squares check; at those in `kept` all fits but train-only heads, which
    the rest leaves out. `whole` has by its path each layer whose windows do not fit
    some size, and the sizes that they fit. `own` is the first map's own height and width, `held` those beside
    which the other side was varied. `sides` are heights and widths, None where both do as
    squares do; `apart` says that any of the heights goes with any of the widths.
    `alone` has by input the heights it takes while all else stays as it is.
    `depends` says that the file makes other layers at other sizes.
    """

    most: int
    own: tuple[int, int] | None
    legal: tuple[int, ...]
    kept: Kept
    whole: Mapping[str, tuple[int, ...]]
    held: tuple[int, int] | None
    sides: tuple[Kept, Kept] | None
    apart: bool
    alone: Mapping[int, tuple[int, ...]]
    depends: bool


def legal_sizes(network: Network, again: Again, most: int = MOST) -> Sizes:
    """Try sizes from 1 up to `most`, or as far as the work for a deep network goes.

    Raises `NoMapError` where no input is a map.
    """
    entering = maps(network)
    if not entering:
        raise NoMapError
    height, width = network.shapes[entering[0]][1:]
    own = (height, width) if isinstance(height, int) and isinstance(width, int) else None
    largest = max(own) if own else 0
    most = max(most, largest)
    reach = max(min(most, _WORK // len(network.graph)), _LEAST_TRIED, largest)
    trial, nodes = Trial(network), inference(network)
    tried = {size: made for size in range(1, reach + 1) if len(made := trial.on(size, size)) >= len(nodes)}
    seen = {size: Seen(nodes, made) for size, made in tried.items() if all(node.id in made for node in nodes)}
    legal = tuple(size for size in seen if len(tried[size]) == len(network.graph))
    doubtful = _doubtful(frozenset(legal), reach, largest)
    if all(_agree(network, again, size, made=size in legal) for size in doubtful):
        alone = _alone(network, trial, reach) if own and len(entering) > 1 else {}
        return _Search(network, own, reach, _on_graph(trial, nodes)).sizes(seen, legal, alone, depends=False)
    reach = min(most, max(_LEAST_TRIED, _WORK_AGAIN // len(network.graph)))
    look = _read_anew(network, again)
    sizes = [*range(1, reach + 1), *([largest] if largest > reach else [])]
    seen = {size: found for size in sizes if (found := look(size, size)) is not None}
    return _Search(network, own, reach, look).sizes(seen, tuple(seen), {}, depends=True)


def _on_graph(trial: Trial, nodes: Sequence[Node]) -> Look:
    def look(height: int, width: int) -> Seen | None:
        made = trial.on(height, width)
        return Seen(nodes, made) if all(node.id in made for node in nodes) else None

    return look


def _read_anew(network: Network, again: Again) -> Look:
    def look(height: int, width: int) -> Seen | None:
        shapes = input_shapes(network, height, width)
        found = None if shapes is None else again(shapes)
        return None if found is None else Seen(inference(found), found.shapes)

    return look


def _alone(network: Network, trial: Trial, most: int) -> dict[int, tuple[int, ...]]:
    """The heights that each map takes by itself."""
    own = tuple(network.shapes[id_] for id_ in network.inputs)
    found: dict[int, tuple[int, ...]] = {}
    for i, id_ in enumerate(network.inputs):
        if id_ in maps(network):
            shapes = ((*own[:i], (own[i][0], size, own[i][2]), *own[i + 1 :]) for size in range(1, most + 1))
            fits = [len(trial.fitting(each)) == len(network.graph) for each in shapes]
            found[id_] = tuple(size for size, fit in enumerate(fits, 1) if fit)
    return found


# ---- is the graph the same at every size? ------------------------------------


def _doubtful(sizes: frozenset[int], most: int, own: int) -> list[int]:
    """Sizes at which the verdict changes, some between, and the largest."""
    edges = [size for size in range(2, most + 1) if (size in sizes) != (size - 1 in sizes)][: _CHECKED // 2]
    some = [size for edge in edges for size in (edge - 1, edge)]
    between = [size for size in ((own or most) // 2, (own or most) + 1, most) if 1 <= size <= most]
    return [*some, *between]


def _agree(network: Network, again: Again, size: int, *, made: bool) -> bool:
    """Whether reading the network anew says the same of a size, and makes the same layers."""
    shapes = input_shapes(network, size, size)
    found = None if shapes is None else again(shapes)
    if found is None or not made:
        return (found is not None) == made
    return _layers(found.graph, found.inputs) == _layers(network.graph, network.inputs)


def _layers(graph: Graph, inputs: Sequence[int]) -> list[tuple[Op | None, tuple[int, ...]]]:
    return [(None if node.id in inputs else node.op, node.inputs) for node in graph]


# ---- what is exact, what keeps its weights, and rectangles -------------------


@record
class _Told:
    """Of one size: whether all fits, nothing is rounded along the axes that were varied, all weights are kept."""

    takes: bool
    exact: bool
    same: bool


_NEITHER = _Told(takes=False, exact=False, same=False)


class _Search:
    """Looks at a network on squares and rectangles."""

    def __init__(self, network: Network, own: tuple[int, int] | None, most: int, look: Look) -> None:
        self._network, self._own, self._most, self._look = network, own, most, look
        self._weights = Weights()
        self._mine = self._weights.of(inference(network), network.shapes) if own else None

    def sizes(
        self, seen: Mapping[int, Seen], legal: Sequence[int], alone: Mapping[int, tuple[int, ...]], *, depends: bool
    ) -> Sizes:
        """All that there is to say, `seen` being the squares that fit."""
        rounded = {size: self._rounded(found) for size, found in seen.items()}
        told = {size: self._told(found, rounded[size]) for size, found in seen.items()}
        kept = self._kept(told)
        paths = dict.fromkeys(path for each in rounded.values() for path in each)
        whole = {path: tuple(size for size, each in rounded.items() if path not in each) for path in paths}
        held = self._own or ((kept.takes[-1], kept.takes[-1]) if kept.takes else None)
        sides, apart = (None, True) if held is None else self._rectangles(kept, told, held)
        return Sizes(self._most, self._own, tuple(legal), kept, whole, held, sides, apart, alone, depends)

    def _rounded(self, found: Seen, axes: Sequence[int] = (0, 1)) -> dict[str, None]:
        path = {node.id: node.path for node in found.nodes}
        return {path[one.node]: None for one in rounded_windows(found.nodes, found.shapes) if one.axis in axes}

    def _told(self, found: Seen, rounded: Iterable[str]) -> _Told:
        same = self._mine is not None and self._weights.of(found.nodes, found.shapes) == self._mine
        return _Told(takes=True, exact=not any(True for _ in rounded), same=same)

    def _kept(self, told: Mapping[int, _Told]) -> Kept:
        takes = tuple(size for size, each in told.items() if each.takes)
        exact = tuple(size for size in takes if told[size].exact)
        return Kept(takes, exact, tuple(size for size in takes if told[size].same) if self._own else None)

    def _side(self, size: int, held: tuple[int, int], axis: int) -> _Told:
        """What a height says beside the width that is held, or a width beside the height."""
        found = self._look(size, held[1]) if axis == 0 else self._look(held[0], size)
        return _NEITHER if found is None else self._told(found, self._rounded(found, (axis,)))

    def _rectangles(
        self, kept: Kept, told: Mapping[int, _Told], held: tuple[int, int]
    ) -> tuple[tuple[Kept, Kept] | None, bool]:
        """Heights and widths, None where both do as squares do, and whether they go together as they please."""
        heights, by_height = self._along(0, held, kept, told)
        widths, _ = self._along(1, held, heights, by_height)
        sides = None if heights is widths is kept else (heights, widths)
        pairs = [(a, b) for a in self._few(heights.takes) for b in self._few(widths.takes) if a != b]
        fits = frozenset(heights.takes), frozenset(widths.takes)
        apart = all((self._look(a, b) is not None) == (a in fits[0] and b in fits[1]) for a, b in pairs)
        return sides, apart

    def _along(
        self, axis: int, held: tuple[int, int], guess: Kept, told: Mapping[int, _Told]
    ) -> tuple[Kept, Mapping[int, _Told]]:
        """Heights or widths: `guess` as long as it holds where it might not, else all are tried."""
        edges = [size for each in (guess.takes, guess.exact, guess.same or ()) for size in self._edges(each)]
        if all(self._side(size, held, axis) == told.get(size, _NEITHER) for size in {*(self._own or ()), *edges}):
            return guess, told
        found = {size: self._side(size, held, axis) for size in range(1, self._most + 1)}
        return self._kept(found), found

    def _few(self, sizes: Sequence[int]) -> list[int]:
        edges = self._edges(sizes)
        return [*edges[:2], *edges[-1:]]

    def _edges(self, sizes: Sequence[int]) -> list[int]:
        return _doubtful(frozenset(sizes), self._most, max(self._own or (0,)))


def formulas(network: Network, again: Again, *, depends: bool) -> Mapping[int, Shape]:
    """The shape of each layer for a first input of height H and width W, as far as the sizes can stay symbols.

    Where the layers depend on the size, the file is read again with symbols; none
    are known if it makes other layers then.
    """
    height, width = symbol("H"), symbol("W")
    if not depends:
        return Trial(network).on(height, width)
    shapes = input_shapes(network, height, width)
    found = None if shapes is None else again(shapes)
    if found is None or _paths(found) != _paths(network):
        return {}
    return found.shapes


def _paths(network: Network) -> list[tuple[int, str, str]]:
    return [(node.id, node.path, node.op.word) for node in network.graph]
