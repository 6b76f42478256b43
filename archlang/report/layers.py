"""A record for each layer: all that the tables print, and a `Model` gives as `layers`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from archlang.ir.graph import Node
from archlang.ir.network import Network
from archlang.ir.scope import Kind
from archlang.ops.dim import Size
from archlang.ops.op import Shape
from archlang.passes.cost import Cost, costs
from archlang.passes.field import Field, fields, unseen
from archlang.report.counters import counter, netscope_operations
from archlang.source import Span


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a network, for one image.

    `name` is its dotted path, as in the state_dict; `kind` its word, `conv`;
    `inputs` the names of what it reads. `output` is the shape without the
    batch, `activation_bytes` its size in fp32. `params` and `macs` are its own
    (weights used once more count nothing), `params_trainable` those parameters
    if training changes them, else 0. `field` is its receptive field, None
    where no map leads to it. `stage` is the outermost named part that holds it,
    "" if none. `train_only` layers belong to a head that only training runs.
    `unsaid` is what nobody knows of it, among `params`, `macs` and `field`: those are 0 and None here.
    `operations` are what Netscope counts besides MACs, if asked to count as it does.
    """

    name: str
    kind: str
    inputs: tuple[str, ...]
    output: Shape
    params: int
    params_trainable: int
    macs: Size
    activation_bytes: Size
    field: Field | None
    stage: str
    train_only: bool
    span: Span
    unsaid: frozenset[str] = frozenset()
    operations: Mapping[str, Size] = dataclasses.field(default_factory=dict[str, Size])

    @property
    def path(self) -> str:
        """Its name: the prefix of its tensors in the state_dict."""
        return self.name

    @property
    def still(self) -> bool:
        """Whether it has parameters, and training leaves them as they are."""
        return self.params > self.params_trainable


def layers(network: Network, count_as: str | None = None) -> tuple[Layer, ...]:
    """A record for each layer, in order, inputs left out; `count_as` counts MACs as another tool does."""
    return tuple(layers_by_id(network, count_as).values())


def layers_by_id(network: Network, count_as: str | None = None) -> dict[int, Layer]:
    """The same by node id."""
    seen, hidden, known = fields(network), unseen(network), costs(network)
    count = counter(count_as)
    found = {
        n.id: _layer(
            network,
            n,
            known[n.id],
            known[n.id].macs if count_as is None else count(network, n),
            seen[n.id],
            hidden=n.id in hidden,
        )
        for n in network.graph
        if n.inputs
    }
    if count_as != "netscope":
        return found
    more = {id_: netscope_operations(network, network.graph[id_]) for id_ in found}
    return {id_: dataclasses.replace(layer, operations=more[id_]) for id_, layer in found.items()}


def _layer(network: Network, node: Node, own: Cost, macs: Size, field: Field | None, *, hidden: bool) -> Layer:
    return Layer(
        name=node.path,
        kind=node.op.word,
        inputs=tuple(network.graph[source].path for source in node.inputs),
        output=network.shapes[node.id],
        params=own.params,
        params_trainable=0 if network.settings.still(node.id) else own.params,
        macs=macs,
        activation_bytes=own.activation_bytes,
        field=field,
        stage=stage(node),
        train_only=node.id in network.train_only,
        span=node.span,
        unsaid=frozenset({*(what for what, _ in own.unsaid), *(["field"] if hidden else [])}),
    )


def stage(node: Node) -> str:
    """The name of the outermost stage, head, trunk or labelled part that holds a node; "" if none does."""
    found = ""
    for scope in node.scope.chain():
        if scope.kind is Kind.NET:
            continue
        name = scope.label or (scope.title if scope.kind in (Kind.STAGE, Kind.AUX, Kind.TRUNK, Kind.BLOCK) else "")
        found = name or found
    return found
