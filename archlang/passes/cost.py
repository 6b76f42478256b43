"""What each layer costs: parameters, multiply-accumulates, the bytes of its output."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import prod

from archlang.ir.graph import Node
from archlang.ir.network import Network
from archlang.ops.dim import Size, count
from archlang.ops.op import Op, Shape
from archlang.record import record

BYTES = 4
"""Of one number in fp32."""
COUNTED = frozenset({"params", "macs"})
"""What totals are of, and layers that a file declares need not say."""


@record
class Cost:
    """Of one layer, or of several, for one image.

    `params` are learnable numbers; weights used once more count nothing. `macs`
    are multiply-accumulates of convolutions, transposed convolutions and fully
    connected layers. `activation_bytes` is the size of the output in fp32.
    `unsaid` are pairs of what is left out (`params`, `macs`) and the word of a layer that does not say it.
    """

    params: int
    macs: Size
    activation_bytes: Size
    unsaid: frozenset[tuple[str, str]] = frozenset()


@record
class Totals:
    """Of a network: `params` without train-only heads, `params_train` with them; the rest as at inference.

    `params_trainable` are those of `params_train` that training changes.
    """

    params: int
    params_train: int
    params_trainable: int
    macs: Size
    activation_bytes: Size
    unsaid: frozenset[tuple[str, str]] = frozenset()


def costs(network: Network) -> dict[int, Cost]:
    """The cost of each node, by id: worked out once for all nodes that are equal."""
    same: dict[tuple[int, tuple[Shape, ...], bool], Cost] = {}  # those of one op, which copies of a block have
    found: dict[int, Cost] = {}
    for node in network.graph:
        entering, owns = network.entering(node), node.shares is None
        one = same.get((id(node.op), entering, owns))
        if one is None:
            one = same[id(node.op), entering, owns] = cost(network, node)
        found[node.id] = one
    return found


def cost(network: Network, node: Node) -> Cost:
    """The cost of one node."""
    known = _cost if node.op.foreign else _once
    return known(node.op, network.entering(node), network.shapes[node.id], node.shares is None)


def _cost(op: Op, inputs: tuple[Shape, ...], output: Shape, own: bool) -> Cost:  # noqa: FBT001 - a fact of the node
    owns = op.stateful and own
    params = sum(map(prod, op.tensors(inputs).values())) if owns else 0
    unsaid = frozenset((what, op.word) for what in op.unsaid & COUNTED if owns or what == "macs")
    return Cost(params, op.macs(inputs, output), BYTES * count(output), unsaid)


_once = lru_cache(10_000)(_cost)
"""Equal layers cost the same, whichever network they stand in: an editor asks after every keystroke. Layers that a text
declares are left out, as they would be kept with that text.
"""


def said(text: str, cost: Cost | Totals, what: str) -> str:
    """The text of a count, with ` + ?` behind it where layers do not say theirs: nothing unknown counts as nothing."""
    if not any(each == what for each, _ in cost.unsaid):
        return text
    return "?" if text in ("0", "") else f"{text} + ?"


def total(parts: Iterable[Cost]) -> Cost:
    """The sum of several costs."""
    params: int = 0
    macs: Size = 0
    activation: Size = 0
    unsaid: frozenset[tuple[str, str]] = frozenset()
    for part in parts:
        params += part.params
        macs = macs + part.macs
        activation = activation + part.activation_bytes
        unsaid |= part.unsaid
    return Cost(params, macs, activation, unsaid)


def totals(network: Network, by_node: Mapping[int, Cost]) -> Totals:
    """The sums over a network; inputs are no layers, so their bytes do not count."""
    given = set(network.inputs)
    main = total(part for id_, part in by_node.items() if id_ not in network.train_only and id_ not in given)
    heads = sum(by_node[id_].params for id_ in network.train_only)
    learn = trainable(network, by_node)
    return Totals(main.params, main.params + heads, learn, main.macs, main.activation_bytes, main.unsaid)


def trainable(network: Network, by_node: Mapping[int, Cost]) -> int:
    """The parameters of these nodes that training changes: neither frozen nor at a learning rate of 0."""
    return sum(part.params for id_, part in by_node.items() if not network.settings.still(id_))
