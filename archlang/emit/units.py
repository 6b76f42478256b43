"""The modules of a network: a tree of units, one for each level of the state_dict's names.

A unit runs its layers in one `forward` where it can. Where it cannot (a
train-only head inside, two units that need each other's tensors, weights used
again elsewhere) it is `open`: it only holds its modules, and the unit around it
runs them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from archlang.ir.graph import Node
from archlang.ir.network import Network
from archlang.ir.scope import Binding, Kind, Scope
from archlang.record import entity


@dataclass(eq=False, slots=True)
class Unit:
    """One level of names, `layer1.0`: its layers and the units in it, in the order of the text.

    `reads` are the tensors of outside it needs, `makes` those of its own that
    outsiders read, in order. `train` says that only training runs it,
    `bare` that it holds a parameter which is no module's, `counted` (once
    somebody asked) that its members are printed as a plain sequence. `inner` are its units by name,
    `said` where the file says what is in it, by `id` of the scope, as far as somebody asked.
    """

    name: str
    path: str
    parent: Unit | None
    children: list[Unit | Node] = field(default_factory=list["Unit | Node"])
    scopes: list[Scope] = field(default_factory=list[Scope])
    first: int = 0
    stateful: bool = False
    bare: bool = False
    inner: dict[str, Unit] = field(default_factory=dict[str, "Unit"])
    counted: bool | None = None
    open: bool = False
    train: bool = False
    again: Unit | None = None
    reads: tuple[int, ...] = ()
    makes: tuple[int, ...] = ()
    said: dict[int, tuple[int, ...]] = field(default_factory=dict[int, "tuple[int, ...]"])

    @property
    def binding(self) -> Binding | None:
        """What its block or net was called with; None if it is neither's body."""
        return next((scope.binding for scope in reversed(self.scopes) if scope.binding is not None), None)

    @property
    def numbered(self) -> bool:
        """Whether its children are named 0, 1, 2 ..."""
        return any(scope.numbered for scope in self.scopes)

    def nodes(self) -> Iterator[Node]:
        """Every layer in it, its units' too."""
        for child in self.children:
            if isinstance(child, Unit):
                yield from child.nodes()
            else:
                yield child

    def units(self) -> Iterator[Unit]:
        """Every unit in it, innermost first, and itself."""
        for child in self.children:
            if isinstance(child, Unit):
                yield from child.units()
        yield self

    def run(self) -> Iterator[Unit | Node]:
        """What its forward runs: its children, and those of units that are open."""
        for child in self.children:
            if isinstance(child, Unit) and child.open:
                yield from child.run()
            else:
                yield child

    def way(self, child: Unit | Node) -> tuple[str, ...]:
        """The names that lead from it to something in it."""
        path = child.path[len(self.path) + 1 :] if self.path else child.path
        return tuple(path.split("."))


@entity
class Tree:
    """The units of a network, the unit each layer stands in, and the tensors that the whole gives out.

    `orders` are what closed units run, by `id`, as far as `wire` has worked it out.
    """

    root: Unit
    of: dict[int, Unit]
    wanted: tuple[int, ...]
    dropped: frozenset[int]
    orders: dict[int, list[Unit | Node] | None] = field(default_factory=dict[int, "list[Unit | Node] | None"])


def tree(network: Network) -> Tree:
    """The units of a network, opened where their layers cannot run as one; `wire` says what enters and leaves them."""
    dropped = _readings(network)
    root = Unit("", "", None)
    by_path = {"": root}
    of: dict[int, Unit] = {}
    for node in network.graph:
        if not node.inputs and node.id in network.inputs:
            continue
        if node.id in dropped:
            continue
        unit = _unit(node, root, by_path)
        unit.children.append(node)
        of[node.id] = unit
        if node.op.stateful and "" in node.op.tensors(tuple(network.shapes[id_] for id_ in node.inputs)):
            unit.bare = True
        if node.op.stateful and node.shares is None:
            at: Unit | None = unit
            while at is not None and not at.stateful:
                at.stateful = True
                at = at.parent
    _scopes(network, by_path, of)
    outs = [result.output for result in network.results]
    taps = [id_ for id_ in network.taps.values() if id_ not in outs]
    heads = [head.output for head in network.heads]
    made = Tree(root, of, tuple(dict.fromkeys([*outs, *taps, *heads])), dropped)
    _heads(network, made)
    _share(network, made)
    for unit in reversed(list(root.units())):  # a sequence needs a module at every number, others only for state
        if unit.parent is None or (unit.train and not unit.parent.train):
            continue  # a head stays one, though it may have no weights: the whole decides whether it runs
        if not unit.stateful and unit.again is None:
            unit.open |= not unit.parent.numbered or (unit.parent.open and not unit.parent.stateful)
    return made


def _readings(network: Network) -> frozenset[int]:
    """The softmaxes that `predict` applies: nobody in the network reads them."""
    asked = {*network.taps.values(), *(r.output for r in network.results), *(h.output for h in network.heads)}
    ids = {one.reading for one in (*network.results, *network.heads) if one.reading is not None}
    return frozenset(id_ for id_ in ids if id_ not in asked and not network.graph.readers(id_))


def _unit(node: Node, root: Unit, by_path: dict[str, Unit]) -> Unit:
    path = node.path.rpartition(".")[0]
    if path in by_path:
        return by_path[path]
    unit = root
    for name in path.split("."):
        inner = f"{unit.path}.{name}" if unit.path else name
        if inner not in by_path:
            by_path[inner] = Unit(name, inner, unit, first=node.id)
            unit.children.append(by_path[inner])
            unit.inner[name] = by_path[inner]
        unit = by_path[inner]
    return unit


def _scopes(network: Network, by_path: dict[str, Unit], of: dict[int, Unit]) -> None:
    seen: set[int] = set()
    for node in network.graph:
        if node.id not in of:
            continue
        found: list[Scope] = []
        for scope in node.scope.chain():
            if id(scope) in seen:
                break
            seen.add(id(scope))
            found.append(scope)
        for scope in reversed(found):
            unit = by_path.get(scope.path)
            if unit is not None and (scope.level or scope.parent is None or scope.kind is Kind.NET):
                unit.scopes.append(scope)
    for (
        unit
    ) in by_path.values():  # a block whose body is one seq, a head whose body is one block: one level, two scopes
        inner = [s for s in unit.scopes if s.path == unit.path]
        unit.scopes = inner


def _heads(network: Network, made: Tree) -> None:
    """Units around a train-only head are open, so that the whole network's forward decides whether it runs."""
    if not network.train_only:
        return
    for unit in made.root.units():
        ids = [node.id for node in unit.nodes()]
        unit.train = bool(ids) and unit.parent is not None and all(id_ in network.train_only for id_ in ids)
    for unit in made.root.units():
        if unit.train and unit.parent is not None and not unit.parent.train:
            at = unit.parent
            while at.parent is not None:
                at.open = True
                at = at.parent


def _share(network: Network, made: Tree) -> None:
    """Weights used again: by a whole unit, if it repeats one; else the units between open up."""
    if all(node.shares is None for node in network.graph):
        return
    claimed: set[int] = set()
    for unit in reversed(list(made.root.units())):
        stateful = [node for node in unit.nodes() if node.op.stateful]
        if unit.parent is None or not stateful or stateful[0].id in claimed:
            continue
        if any(node.shares is None for node in stateful):
            continue
        owner = _owner(network, made, unit, stateful)
        if owner is not None:
            unit.again = owner
            claimed.update(node.id for node in stateful)
            _open_between(unit, owner)
    for node in network.graph:
        if node.shares is not None and node.id in made.of and node.id not in claimed and node.op.stateful:
            _open_between(made.of[node.id], made.of[node.shares], itself=True)


def _owner(network: Network, made: Tree, unit: Unit, stateful: list[Node]) -> Unit | None:
    """The unit whose layers this one repeats, name by name."""
    first = stateful[0]
    assert first.shares is not None  # noqa: S101 - the caller looked
    theirs, mine = made.of[first.shares], made.of[first.id]
    while mine is not unit:
        if mine.name != theirs.name or theirs.parent is None or mine.parent is None:
            return None
        mine, theirs = mine.parent, theirs.parent
    for node in stateful:
        other = network.graph[node.shares] if node.shares is not None else None
        if other is None or theirs.path == "" or theirs.way(other) != unit.way(node):
            return None
    if len(list(theirs.nodes())) != len(list(unit.nodes())):
        return None
    return theirs


def _open_between(one: Unit, other: Unit, *, itself: bool = False) -> None:
    around: list[Unit] = []
    at: Unit | None = other
    while at is not None:
        around.append(at)
        at = at.parent
    for start in (one, other):
        at = start if itself else start.parent
        common = next(u for u in above(one if itself else one.parent) if u in around)
        while at is not None and at is not common:
            at.open = True
            at = at.parent


def above(unit: Unit | None) -> Iterator[Unit]:
    """A unit and those that hold it, innermost first."""
    while unit is not None:
        yield unit
        unit = unit.parent
