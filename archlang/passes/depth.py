"""Depth: the most weight layers on one path from an input to an output."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from archlang.ir.network import Network


def depth(network: Network, within: AbstractSet[int] | None = None) -> int:
    """The most convolutions, transposed convolutions and fully connected layers on one path.

    What only weighs another tensor (side branches of `mul`) or gives a size is
    not followed. `within` counts a part of the network alone, the nodes of a
    label, to what leaves it; without it train-only layers do not count.
    """
    deepest: dict[int, int] = {}
    for node in network.graph:
        if within is not None and node.id not in within:
            continue
        sources = node.inputs[:1] if node.op.gated or node.op.sized_by else node.inputs
        before = max((deepest.get(source, 0) for source in sources), default=0)
        deepest[node.id] = before + node.op.counted
    ends = {result.output for result in network.results} if within is None else _leaving(network, within)
    return max((deepest[id_] for id_ in ends), default=0)


def _leaving(network: Network, within: AbstractSet[int]) -> list[int]:
    """The nodes of a part that something outside of it reads, or nothing does."""
    return [id_ for id_ in within if not (readers := set(network.graph.readers(id_))) or not readers <= within]
