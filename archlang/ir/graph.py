"""The graph: layers as nodes, tensors as edges, on networkx. It does not change."""

# pyright: basic
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from archlang.ir.scope import Scope
from archlang.ops.op import Op
from archlang.record import entity
from archlang.source import Span
from archlang.syntax import ast

if TYPE_CHECKING:
    import networkx


@entity
class Node:
    """One layer, placed. It has one output tensor, which goes by the node's `id`.

    `name` is its name in the body that holds it (`conv1`, `0`, `fc6`), `path` the
    whole dotted key (`layer1.0.conv1`), unique in the graph, and the prefix of
    its tensors in the state_dict. `label` is the name a person gave it, if one
    did. `inputs` are the ids it reads, in order of port. `shares` is the id of the
    node whose weights it uses once more (`again(name)`). `exprs` are the source
    expressions of options that were not literals, by option, to be read in the
    environment of the innermost block or net of `scope`.
    """

    id: int
    op: Op
    inputs: tuple[int, ...]
    name: str
    path: str
    scope: Scope
    span: Span
    label: str | None = None
    shares: int | None = None
    exprs: Mapping[str, ast.Expr] = field(default_factory=dict[str, ast.Expr])


class Graph:
    """Nodes in the order of the text, which is an order of execution: inputs come before their readers."""

    def __init__(self, nodes: list[Node]) -> None:
        self._nodes = {node.id: node for node in nodes}
        self._readers: dict[int, list[int]] = {node.id: [] for node in nodes}
        for node in nodes:
            for source in node.inputs:
                self._readers[source].append(node.id)
        self._nx: networkx.MultiDiGraph | None = None

    @property
    def nx(self) -> networkx.MultiDiGraph:
        """The same as a `networkx.MultiDiGraph`, frozen: node attribute `node`, edge attribute `port`."""
        if self._nx is None:
            import networkx  # costs more than checking a file does: only when somebody looks

            graph = networkx.MultiDiGraph()
            graph.add_nodes_from((id_, {"node": node}) for id_, node in self._nodes.items())
            graph.add_edges_from(
                (source, node.id, {"port": port})
                for node in self._nodes.values()
                for port, source in enumerate(node.inputs)
            )
            networkx.freeze(graph)
            self._nx = graph
        return self._nx

    def __iter__(self) -> Iterator[Node]:
        return iter(self._nodes.values())

    def __len__(self) -> int:
        return len(self._nodes)

    def __getitem__(self, id_: int) -> Node:
        return self._nodes[id_]

    def readers(self, id_: int) -> list[int]:
        """The ids of the nodes that read this node's output, once for each port, in order."""
        return self._readers[id_]
