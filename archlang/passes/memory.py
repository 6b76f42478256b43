"""How much memory a network's tensors take, in fp32."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from archlang.ir.graph import Node
from archlang.ir.network import Network
from archlang.ops.dim import Size, count
from archlang.ops.op import Saved
from archlang.passes.cost import BYTES
from archlang.passes.inplace import overwrites
from archlang.record import record


@record
class Memory:
    """Bytes for a batch of images.

    `outputs` is the sum of all layers' outputs. `peak` is the most that is
    alive at once in inference, layers run in their order, a tensor gone after
    its last reader, views and in-place layers without storage of their own; None
    if it depends on symbols. `saved` is what autograd keeps for the backward
    pass, each storage once, parameters excluded.
    """

    outputs: Size
    peak: int | None
    saved: Size


def memory(network: Network, batch: int = 1) -> Memory:
    """The memory of a network's tensors; train-only layers count in `saved` alone."""
    in_place = overwrites(network)
    outputs: Size = 0
    for node in network.graph:
        if node.inputs and node.id not in network.train_only:
            outputs = outputs + _bytes(network, node.id)
    most = peak(network, in_place)
    return Memory(batch * outputs, None if most is None else batch * most, saved(network, in_place, batch))


def peak(network: Network, in_place: frozenset[int]) -> int | None:
    """The most bytes alive at once in inference, of the pass that gives the logits."""
    found = alive(network, in_place)
    return None if found is None else max(found.values(), default=0)


def alive(network: Network, in_place: frozenset[int]) -> dict[int, int] | None:
    """The bytes alive while each layer runs in inference, by node id, in order; None if they depend on symbols."""
    order = [node for node in network.graph if node.id not in _left_out(network)]
    store = storages(network, in_place, training=False)
    last: dict[int, int] = {}
    for step, node in enumerate(order):
        for id_ in (*node.inputs, node.id):
            last[store[id_]] = step
    for result in network.results:
        last[store[result.output]] = len(order)
    ending: dict[int, list[int]] = {}
    for root, step in last.items():
        ending.setdefault(step, []).append(root)
    found: dict[int, int] = {}
    now = 0
    for step, node in enumerate(order):
        if store[node.id] == node.id:
            size = _bytes(network, node.id)
            if not isinstance(size, int):
                return None
            now += size
        found[node.id] = now
        now -= sum(_known(_bytes(network, root)) for root in ending.get(step, ()))
    return found


def saved(network: Network, in_place: frozenset[int], batch: int = 1) -> Size:
    """The bytes that autograd keeps of a forward pass in training, train-only heads included."""
    store = storages(network, in_place, training=True)
    learns = learning(network)
    readings = _readings(network)
    kept: set[int] = set()
    extra: Size = 0
    fixed = 0
    for node in network.graph:
        if not learns[node.id] or node.id in readings:
            continue
        said = _said(network, node, learns)
        kept.update(store[node.inputs[port]] for port in said.inputs)
        if said.output:
            kept.add(store[node.id])
        extra = extra + said.extra
        fixed += said.fixed
    for root in kept:
        extra = extra + _bytes(network, root)
    return batch * extra + fixed


def storages(network: Network, in_place: frozenset[int], *, training: bool) -> dict[int, int]:
    """For each node the id of the node whose storage its output lies in: its own, unless it is a view or in place."""
    store: dict[int, int] = {}
    for node in network.graph:
        shares = node.op.view or node.id in in_place or (node.op.idle_in_eval and not training)
        store[node.id] = store[node.inputs[0]] if shares and node.inputs else node.id
    return store


def _said(network: Network, node: Node, learns: Mapping[int, bool]) -> Saved:
    still = _owner(node) in network.settings.frozen
    rule = node.op.saved_frozen if still else node.op.saved
    said = rule(network.entering(node), network.shapes[node.id])
    if not node.op.gated or all(learns[source] for source in node.inputs):
        return said
    # A factor is kept for the sake of the others' gradients alone.
    needed = {p for p in said.inputs if any(learns[s] for q, s in enumerate(node.inputs) if q != p)}
    return replace(said, inputs=tuple(sorted(needed)))


def learning(network: Network) -> dict[int, bool]:
    """Whether a gradient flows to each node: it or something before it has a parameter that learns."""
    learns: dict[int, bool] = {}
    for node in network.graph:
        own = _owner(node) not in network.settings.frozen and bool(node.op.tensors(network.entering(node)))
        learns[node.id] = own or any(learns[source] for source in node.inputs)
    return learns


def _owner(node: Node) -> int:
    """The node that owns its parameters: itself, or the one it uses once more."""
    return node.id if node.shares is None else node.shares


def _readings(network: Network) -> set[int]:
    """Final softmaxes, which `predict` applies and the forward pass does not."""
    return {part.reading for part in (*network.results, *network.heads) if part.reading is not None}


def _left_out(network: Network) -> set[int]:
    return _readings(network) | set(network.train_only)


def _bytes(network: Network, id_: int) -> Size:
    words = not network.graph[id_].inputs and network.vocabulary(id_) is not None
    return (2 * BYTES if words else BYTES) * count(network.shapes[id_])  # the numbers of words are int64


def _known(size: Size) -> int:
    return size if isinstance(size, int) else 0
