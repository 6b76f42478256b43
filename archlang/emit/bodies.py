"""What one unit is made of and does: its members and the steps of its forward, wherever it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from archlang.emit.forms import Form, Leaf, form
from archlang.emit.imported import Origin, renamed
from archlang.emit.key import Key, Ref
from archlang.emit.reach import access, indexed
from archlang.emit.units import Unit
from archlang.emit.wiring import made_by, order, read_by
from archlang.ir.graph import Node
from archlang.ir.network import Network
from archlang.ops.op import Code, Op, Shape
from archlang.record import record


@record
class Step:
    """One statement of a forward: text with holes, what fills them, and the tensors read.

    `member` is how the module it calls is reached, `self.conv1`. `tensors` are
    the ids of the graph that it makes, `what` the layer or unit it runs.
    A step with `rounds` runs them for each copy of a repeat, whose members are
    numbered from `first` in steps of `by`, and reads as step -1 what the copy
    before made; `rest` is the member that makes all copies but the first. Numbers
    are higher by what the rounds `before` have, each so many in a copy.
    One that calls a kernel has its name, and in `parts` the layer that makes each output.
    """

    code: str
    holes: tuple[str, ...]
    member: str | None
    ins: tuple[Ref, ...]
    outs: int
    leaves: tuple[Leaf, ...] = field(compare=False, default=())
    tensors: tuple[int, ...] = field(compare=False, default=())
    what: Unit | Node | None = field(compare=False, default=None)
    inplace: bool = field(compare=False, default=False)
    way: tuple[str, ...] = field(compare=False, default=())
    rounds: tuple[Step, ...] = ()
    first: int = 0
    by: int = 1
    before: tuple[tuple[int, int], ...] = ()
    rest: str = field(compare=False, default="")
    parts: tuple[Unit | Node | None, ...] = field(compare=False, default=())
    kernel: str | None = None

    @property
    def key(self) -> Any:
        """What two steps must share to be the same step of one class."""
        return self.code, self.holes, self.member, self.outs, self.rounds, self.first, self.by, self.before

    def made_by(self, port: int) -> Unit | Node | None:
        """What makes an output."""
        return self.parts[port] if self.parts else self.what


@dataclass  # no record: `key` is kept
class Body:
    """A unit as its class must have it. `reads` are the graph's ids of what enters.

    `own` are the names in the graph of members that go by another, after that.
    """

    members: tuple[tuple[str, Form], ...]
    steps: tuple[Step, ...]
    outs: tuple[Ref, ...]
    reads: tuple[int, ...]
    indexed: bool
    own: tuple[tuple[str, str], ...] = ()

    def __hash__(self) -> int:
        return hash((self.key, self.reads, self.own))

    @cached_property
    def key(self) -> Key:
        """Bodies with the same key fit one class, with what differs as arguments."""
        members = tuple([(name, one.shape) for name, one in self.members])
        return Key(members, self.steps, self.outs, len(self.reads), self.indexed)


class Bodies:
    """Makes bodies. `constructor` says how a closed unit is made, once known; `orders` what units run, where known.

    `called` is what the source calls classes that it imports.
    """

    def __init__(
        self,
        network: Network,
        overwrites: frozenset[int],
        constructor: Callable[[Unit], Form],
        orders: dict[int, list[Unit | Node] | None],
        called: Mapping[Origin, str],
    ) -> None:
        self._network, self.overwrites, self._constructor = network, overwrites, constructor
        self.graph, self.shapes = network.graph, network.shapes
        self._said: dict[tuple[Op, tuple[Shape, ...]], tuple[Code | None, Code | None]] = {}
        self._said_by: dict[int, tuple[Code | None, Code | None]] = {}
        self._placed, self._called = orders, called

    def placed(self, unit: Unit) -> list[Unit | Node] | None:
        """What a unit's forward runs, in order: asked for several times, so kept."""
        if id(unit) not in self._placed:
            self._placed[id(unit)] = order(unit)
        return self._placed[id(unit)]

    def body(self, unit: Unit) -> Body:
        """The body of a closed unit."""
        placed = self.placed(unit)
        if placed is None:
            raise RuntimeError(f"the units of {unit.path!r} need each other")
        refs = {id_: Ref(-1, port) for port, id_ in enumerate(unit.reads)}
        steps: list[Step] = []
        chunks = self._chunks(placed)
        for child in placed:
            if isinstance(child, Node) and child.id in chunks:
                group = chunks[child.id]
                if child.id == group[0].id:
                    for port, share in enumerate(group):
                        refs[share.id] = Ref(len(steps), port)
                    steps.append(self._chunk(group, refs))
                continue
            if isinstance(child, Node) and child.op.word == "identity" and self._unseen(unit, child):
                refs[child.id] = refs[child.inputs[0]]
                continue
            for step in self._steps(unit, child, refs, len(steps)):
                for port, id_ in enumerate(step.tensors):
                    refs[id_] = Ref(len(steps), port)
                steps.append(step)
        outs = tuple(refs[id_] for id_ in unit.makes)
        return Body(self.members(unit), tuple(steps), outs, unit.reads, indexed(unit))

    def _unseen(self, unit: Unit, node: Node) -> bool:
        """Whether a layer that does nothing is neither named nor given out: who reads it reads what it reads."""
        inside = unit.parent is not None and not indexed(unit)
        return inside and node.label is None and node.id not in unit.makes

    def inputs(self, node: Node) -> tuple[Shape, ...]:
        """The shapes that enter a layer."""
        return tuple([self.shapes[id_] for id_ in node.inputs])

    def members(self, unit: Unit) -> tuple[tuple[str, Form], ...]:
        """The constructor of every child that the unit holds, by name."""
        found: list[tuple[str, Form]] = []
        by_number = indexed(unit)
        for child in unit.children:
            if isinstance(child, Unit):
                if child.again is None and (child.stateful or not child.open):
                    found.append((child.name, self._constructor(child)))
                elif by_number:
                    found.append((child.name, Form("nn.Identity", ())))
            elif child.shares is None and (
                child.op.stateful or self._apply(child) is None or (by_number and child.name.isdigit())
            ):
                code = self.module(child)
                if code is not None:
                    found.append((child.name, code))
        if not by_number:
            return tuple(found)
        numbers = {int(name): one for name, one in found if name.isdigit()}
        return tuple((str(n), numbers.get(n, Form("nn.Identity", ()))) for n in range(max(numbers, default=-1) + 1))

    def module(self, node: Node) -> Form | None:
        """The constructor of a layer."""
        code = self.said(node)[0]
        if code is None:
            return None
        made = form(code, node)
        if node.id in self.overwrites and node.op.can_overwrite:
            made = Form(made.function, (*made.args, ("inplace", Leaf(True, node))))  # noqa: FBT003 - a value
        return made

    def said(self, node: Node) -> tuple[Code | None, Code | None]:
        """How a layer is said as a module, and how without one: once for all layers that are equal."""
        known = self._said_by.get(node.id)
        if known is None:
            op, inputs = node.op, self.inputs(node)
            known = self._said.get((op, inputs))
            if known is None:
                known = self._said[op, inputs] = (
                    renamed(op.module(inputs), op.origin, self._called),
                    renamed(op.apply(inputs), op.origin, self._called),
                )
            self._said_by[node.id] = known
        return known

    def _apply(self, node: Node) -> Code | None:
        return self.said(node)[1]

    def flattens(self, node: Node) -> bool:
        """Whether a map is flattened before it enters."""
        asks = getattr(node.op, "flattens", None)
        return asks is not None and asks(self.inputs(node))

    def _steps(self, unit: Unit, child: Unit | Node, refs: dict[int, Ref], at: int) -> list[Step]:
        ins = tuple([refs[id_] for id_ in read_by(child)])
        if isinstance(child, Unit):
            code = "{self}(torch.flatten({x}, 1))" if flatten_first(child, self) else "{self}({xs})"
            member, way = self._member(unit, child)
            return [Step(code, (), member, ins, len(child.makes), (), child.makes, child, way=way)]
        steps: list[Step] = []
        if self.flattens(child):
            hidden = -child.id - 1
            steps.append(Step("torch.flatten({x}, 1)", (), None, ins, 1, (), (hidden,), None))
            ins = (Ref(at),)
        module, code = self.said(child)
        by_number = indexed(unit) and len(unit.way(child)) == 1 and child.name.isdigit() and module is not None
        if code is None or (child.op.stateful and "{self}" not in code.text) or (by_number and not child.op.stateful):
            member, way = self._member(unit, child)
            steps.append(Step("{self}({x})", (), member, ins, 1, (), (child.id,), child, way=way))
            return steps
        text = code.text
        inplace = child.id in self.overwrites and child.op.can_overwrite and text.endswith(")")
        if inplace:
            text = f"{text[:-1]}, inplace=True)"
        member, way = self._member(unit, child) if "{self}" in text else (None, ())
        holes, leaves = tuple([name for name, _ in code.values]), tuple([Leaf(v, child) for _, v in code.values])
        steps.append(Step(text, holes, member, ins, 1, leaves, (child.id,), child, inplace, way))
        return steps

    def _member(self, unit: Unit, child: Unit | Node) -> tuple[str, tuple[str, ...]]:
        """How a forward reaches the module that a child runs, and the names that lead there, if it is in the unit."""
        owner = self._owner(child)
        return access(unit, owner), unit.way(owner) if owner.path.startswith(unit.path) else ()

    def _owner(self, child: Unit | Node) -> Unit | Node:
        if isinstance(child, Unit):
            return child.again or child
        return child if child.shares is None else self.graph[child.shares]

    def _chunks(self, placed: list[Unit | Node]) -> dict[int, list[Node]]:
        """Shares of one tensor that are all there, by id: one `torch.chunk` makes them."""
        by_source: dict[tuple[int, int], list[Node]] = {}
        for child in placed:
            if isinstance(child, Node) and child.op.word == "slice":
                by_source.setdefault((child.inputs[0], getattr(child.op, "parts", 0)), []).append(child)
        found: dict[int, list[Node]] = {}
        for (_, parts), shares in by_source.items():
            if [getattr(s.op, "index", -1) for s in shares] == list(range(parts)) and parts > 1:
                found.update({share.id: shares for share in shares})
        return found

    def _chunk(self, shares: list[Node], refs: dict[int, Ref]) -> Step:
        parts = Leaf(len(shares), None)
        ids = tuple(share.id for share in shares)
        return Step(
            "torch.chunk({x}, {parts}, 1)", ("parts",), None, (refs[shares[0].inputs[0]],), len(shares), (parts,), ids
        )


def chain(unit: Unit, bodies: Bodies) -> list[Unit | Node] | None:
    """Its children where each is a module that reads just what the one before it made; else None."""
    if len(unit.reads) != 1 or len(unit.makes) != 1 or unit.again is not None or unit.open:
        return None
    placed = bodies.placed(unit)
    if placed is None or len(placed) != len(unit.children) or not placed:
        return None
    current = unit.reads[0]
    for child in placed:
        if read_by(child) != (current,) or len(made_by(child)) != 1:
            return None
        if isinstance(child, Node):
            module, apply = bodies.said(child)
            if child.shares is not None or module is None or (apply is not None and "{self}" in apply.text):
                return None
        elif child.again is not None:
            return None
        current = made_by(child)[0]
    return placed if unit.makes == (current,) else None


def flatten_first(unit: Unit, bodies: Bodies) -> bool:
    """Whether a sequence flattens after nothing but layers that work on single values: then whoever calls it does."""
    if not unit.numbered or unit.binding is not None:
        return False
    placed = chain(unit, bodies)
    for child in placed or ():
        if isinstance(child, Unit):
            return False
        if bodies.flattens(child):
            return True
        if not child.op.pointwise or child.op.stateful:
            return False
    return False
