"""A network, elaborated: the graph of one net in one variant, and the facts that stand beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from archlang.ir.graph import Graph, Node
from archlang.ir.scope import Scope
from archlang.ops.op import Shape
from archlang.record import record
from archlang.source import Source, Span
from archlang.syntax import ast

Shapes = Mapping[int, Shape]
"""Output shape by node id."""


@record
class Head:
    """A train-only head (`aux`).

    `output` is the id of its logits, `reading` that of the final softmax if it
    has one (train-only too). Every node of it has `scope` in its chain.
    """

    name: str
    weight: float
    output: int
    reading: int | None
    scope: Scope


@record
class Result:
    """One output of the network: its name, the id of its logits, and of the final softmax that reads them."""

    name: str
    output: int
    reading: int | None


@record
class Initializer:
    """`gaussian(0.01)`: a name of `archlang.ops.init` and its numbers."""

    name: str
    args: tuple[float, ...] = ()


@record
class Settings:
    """What `freeze`, `lr`, `decay` and `init` lines say, per stateful node id; a node not named has no entry.

    `lr` is a factor, `decay` absolute. A frozen node has its id in `frozen`.
    """

    frozen: frozenset[int] = frozenset()
    lr: Mapping[int, float] = field(default_factory=dict[int, float])
    decay: Mapping[int, float] = field(default_factory=dict[int, float])
    init: Mapping[int, Initializer] = field(default_factory=dict[int, Initializer])

    def still(self, id_: int) -> bool:
        """Whether training leaves a node's parameters as they are: it is frozen, or its learning rate is 0."""
        return id_ in self.frozen or self.lr.get(id_) == 0


SUBJECTS = ("params", "params_train", "params_trainable", "macs", "depth")
"""What an `expect` line may speak of."""


@record
class Expectation:
    """An `expect` line that holds for this variant, its expressions evaluated.

    `subject` is `params`, `macs`, `depth`, ...; `at` the label it speaks of ("" the
    whole network), `nodes` the ids that belong to that label. `digits` is the
    number as typed, which gives the tolerance (None: exact). The same for `but`.
    """

    subject: str
    at: str
    nodes: frozenset[int] | None
    op: str
    value: int | float
    digits: str | None
    but: int | float | None
    but_digits: str | None
    reason: str | None
    line: ast.Expect

    @property
    def name(self) -> str:
        """What it speaks of: `params`, or `i3a.params` of a label."""
        return f"{self.at}.{self.subject}" if self.at else self.subject


@record
class Network:
    """One net in one variant.

    `inputs` are the ids of its input nodes (op `Input`); `results` its outputs,
    `heads` its train-only heads, `taps` and `labels` map names to ids (labels by
    their dotted path). `weights` are the named weights asked for (`weights="imagenet"`)
    with the scope they are for. `parameters` are the net's own, with values. `train_only`
    holds the ids of all nodes that only training runs, `claimed` those whose output
    size a `=>` states, itself or around them; `sizes` has whether each `=>` holds, by its place.
    """

    name: str
    variant: str | None
    source: Source
    span: Span
    graph: Graph
    shapes: Shapes
    scope: Scope
    inputs: tuple[int, ...]
    results: tuple[Result, ...]
    heads: tuple[Head, ...]
    taps: Mapping[str, int]
    labels: Mapping[str, int]
    settings: Settings
    expectations: tuple[Expectation, ...]
    parameters: Mapping[str, Any]
    variants: tuple[str, ...]
    paper: str | None
    weights: tuple[tuple[str, Scope], ...]
    train_only: frozenset[int]
    claimed: frozenset[int] = frozenset()
    sizes: Mapping[Span, bool] = field(default_factory=dict[Span, bool])

    def entering(self, node: Node) -> tuple[Shape, ...]:
        """The shapes that enter a node, in order of port."""
        return tuple([self.shapes[source] for source in node.inputs])

    def vocabulary(self, id_: int) -> int | None:
        """How many whole numbers, from 0, an input takes (`int64`); None if it takes measurements."""
        readers = (self.graph[reader].op for reader in self.graph.readers(id_))
        sizes = [op.vocabulary for op in readers if op.vocabulary is not None]
        return min(sizes, default=None)
