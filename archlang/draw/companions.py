"""Which layers stand in one box: a layer and the batch norm, activation, dropout around it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from archlang.ir.graph import Node
from archlang.ir.network import Network
from archlang.ir.scope import Kind, Scope

_ALSO = frozenset({"lrn", "norm", "flatten"})
_HOMES = frozenset({Kind.NET, Kind.TRUNK, Kind.STAGE, Kind.BLOCK, Kind.AUX, Kind.COPY, Kind.BRANCH, Kind.SHORTCUT})


@dataclass(slots=True)
class Group:
    """The layers of one box in order; `main` is the index of the one that names it.

    `reads` are the tensors it takes, `sizes` those of them whose size alone it takes; `waits` says that its
    main layer is still to come. Where it stands for several copies, `first` are the layers of the first.
    """

    nodes: list[Node]
    main: int
    reads: tuple[int, ...]
    sizes: frozenset[int] = frozenset()
    waits: bool = False
    first: Sequence[Node] = ()

    @property
    def key(self) -> int:
        """The id of its last layer, whose tensor leaves it."""
        return self.nodes[-1].id


def is_companion(node: Node) -> bool:
    """Whether a layer may stand inside another's box: it keeps the tensor's shape, or only flattens it."""
    op = node.op
    return op.arity == 1 and (op.pointwise or op.family in _ALSO)


def group_layers(network: Network) -> list[Group]:
    """The boxes of a network. `identity` has none: who reads it reads what it reads."""
    source: dict[int, int] = {}
    nodes: list[Node] = []
    for node in network.graph:
        if node.op.family == "identity":
            source[node.id] = source[node.inputs[0]]
        else:
            source[node.id] = node.id
            nodes.append(node)
    readers = Counter(source[i] for node in nodes for i in node.inputs)
    readers.update(source[result.reading or result.output] for result in network.results)
    leading = _leading(nodes)
    groups: list[Group] = []
    last: dict[int, Group] = {}
    for node in nodes:
        inputs = tuple(dict.fromkeys(source[i] for i in node.inputs))
        before = last.get(inputs[0]) if len(inputs) == 1 and readers[inputs[0]] == 1 else None
        if before is not None and _joins(node, before, leading):
            last.pop(before.key)
            if before.waits and not is_companion(node):
                before.main, before.waits = len(before.nodes), False
            before.nodes.append(node)
        else:
            sizes = frozenset(inputs[1:] if node.op.sized_by else ())
            before = Group([node], 0, inputs, sizes, node.id in leading)
            groups.append(before)
        last[node.id] = before
    return groups


def sources(network: Network) -> dict[int, int]:
    """For each layer the one whose tensor its output is: itself, or what an `identity` passes on."""
    found: dict[int, int] = {}
    for node in network.graph:
        found[node.id] = found[node.inputs[0]] if node.op.family == "identity" else node.id
    return found


def home(scope: Scope) -> Scope:
    """The innermost scope that a picture tells apart."""
    return next(s for s in scope.chain() if s.kind in _HOMES or s.parent is None)


def _word(node: Node) -> Scope | None:
    return next((scope for scope in node.scope.chain() if scope.kind is Kind.WORD), None)


def _leading(nodes: list[Node]) -> frozenset[int]:
    """Companions that come before the layer of their word: the norm of a pre-activation."""
    found: set[int] = set()
    waiting: dict[int, list[int]] = {}
    for node in nodes:
        word = _word(node)
        if word is None:
            continue
        if is_companion(node):
            waiting.setdefault(id(word), []).append(node.id)
        else:
            found.update(waiting.get(id(word), ()))
            waiting[id(word)] = []
    return frozenset(found)


def _joins(node: Node, before: Group, leading: frozenset[int]) -> bool:
    """Whether a layer stands in the box of the one it reads."""
    ahead = before.nodes[-1]
    if ahead.op.arity == 0 or home(ahead.scope) is not home(node.scope):
        return False
    if before.waits:
        return _word(ahead) is _word(node)
    return is_companion(node) and node.id not in leading
