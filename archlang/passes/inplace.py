"""Which layers may write their output over their input, as `nn.ReLU(inplace=True)` does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from archlang.ir.graph import Graph, Node
from archlang.ir.network import Network


def overwrites(network: Network, given: Collection[int] = ()) -> frozenset[int]:
    """The ids of the nodes that may overwrite their input; `given` are tensors that more than the network look at.

    The input must be read by this node alone, be no view of another tensor, be
    seen by nobody outside (inputs, results, heads, taps), and its maker's
    backward pass must not need it. All uses of one module agree.
    """
    graph, seen = network.graph, _seen_outside(network).union(given)
    found: set[int] = set()
    for node in graph:
        if node.op.can_overwrite and node.inputs[0] not in seen and _free(graph, network, graph[node.inputs[0]], found):
            found.add(node.id)
    return frozenset(found - _disagreeing(graph, found))


def _seen_outside(network: Network) -> set[int]:
    seen = {*network.inputs, *network.taps.values()}
    seen.update(result.output for result in network.results)
    seen.update(head.output for head in network.heads)
    return seen


def _free(graph: Graph, network: Network, maker: Node, found: set[int]) -> bool:
    """Whether nobody but its one reader cares for what `maker` made."""
    if len(graph.readers(maker.id)) != 1 or maker.op.view or maker.op.idle_in_eval:
        return False
    saved = maker.op.saved(network.entering(maker), network.shapes[maker.id])
    # A layer that overwrites has only its output left to keep.
    return not (saved.output or (maker.id in found and saved.inputs))


def _disagreeing(graph: Graph, found: set[int]) -> set[int]:
    """Uses of one module of which some may overwrite and some may not."""
    uses: dict[int, list[int]] = defaultdict(list)
    for node in graph:
        uses[node.id if node.shares is None else node.shares].append(node.id)
    return {id_ for ids in uses.values() if not found.issuperset(ids) for id_ in ids}
