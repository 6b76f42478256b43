"""A network's graph on inputs of other sizes: what fits, and what shapes its weights have then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archlang.ir.graph import Node
from archlang.ir.network import Network
from archlang.ops.dim import Size
from archlang.ops.limits import checked_shape
from archlang.ops.op import Op, Shape, ShapeError
from archlang.passes.field import MAP

Shapes = tuple[Shape, ...]


class NoMapError(Exception):
    """The network has no input with height and width."""


def maps(network: Network) -> list[int]:
    """The inputs that have height and width, in order."""
    return [id_ for id_ in network.inputs if len(network.shapes[id_]) == MAP]


def inference(network: Network) -> list[Node]:
    """The layers that inference runs."""
    return [node for node in network.graph if node.id not in network.train_only]


def input_shapes(network: Network, height: Size, width: Size) -> Shapes | None:
    """The shapes of all inputs where the first map has this height and width.

    Other maps keep their ratio to it, if both sizes are known, else have the same
    size; None where that is no whole number. Channels stay, and inputs that are no maps.
    """
    first = network.shapes[maps(network)[0]]
    found: list[Shape] = []
    for shape in (network.shapes[id_] for id_ in network.inputs):
        if len(shape) != MAP:
            found.append(shape)
            continue
        sides = _in_ratio(height, shape[1], first[1]), _in_ratio(width, shape[2], first[2])
        if sides[0] is None or sides[1] is None:
            return None
        found.append((shape[0], sides[0], sides[1]))
    return tuple(found)


def _in_ratio(size: Size, own: Size, first: Size) -> Size | None:
    if not isinstance(own, int) or not isinstance(first, int) or own == first:
        return size
    if isinstance(size, int):
        return size * own // first if size * own % first == 0 else None
    if own % first == 0:
        return size * (own // first)
    return size // (first // own) if first % own == 0 else None


class Trial:
    """A network's graph, to be gone through on inputs of other sizes; no layer is worked out twice on the same."""

    def __init__(self, network: Network) -> None:
        self._network = network
        numbers: dict[Op, int] = {}
        self._kinds = {node.id: numbers.setdefault(node.op, len(numbers)) for node in network.graph}
        self._known: dict[tuple[int, Shapes], Shape | None] = {}

    def on(self, height: Size, width: Size) -> dict[int, Shape]:
        """As `fitting`, for a first input of this size."""
        shapes = input_shapes(self._network, height, width)
        return {} if shapes is None else self.fitting(shapes)

    def fitting(self, shapes: Shapes) -> dict[int, Shape]:
        """The shapes of the layers that fit, by id; what reads one that does not is left out too."""
        found = dict(zip(self._network.inputs, shapes, strict=True))
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


def _shape(op: Op, inputs: Shapes) -> Shape | None:
    try:
        return checked_shape(op, inputs)
    except ShapeError:
        return None


class Weights:
    """The tensors that layers have in the state_dict, whatever the sizes are."""

    def __init__(self) -> None:
        self._known: dict[tuple[Op, Shapes], Mapping[str, object]] = {}

    def of(self, nodes: Sequence[Node], shapes: Mapping[int, Shape]) -> list[object]:
        """The shapes of all tensors of these layers, with outputs of these shapes."""
        return [(node.path, self._tensors(node, shapes)) for node in nodes if node.op.stateful]

    def _tensors(self, node: Node, shapes: Mapping[int, Shape]) -> Mapping[str, object]:
        inputs = tuple([shapes[i] for i in node.inputs])
        key = node.op, inputs
        if key not in self._known:
            self._known[key] = {**node.op.tensors(inputs), **node.op.buffers(inputs)}
        return self._known[key]
