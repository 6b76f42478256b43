"""What enters and leaves each unit, and the order in which a unit runs what it holds."""

from __future__ import annotations

from archlang.emit.units import Tree, Unit, above
from archlang.ir.graph import Node
from archlang.ir.network import Network


def wire(network: Network, made: Tree) -> None:
    """Say which tensors enter and leave each unit; open those that the others cannot be ordered around."""
    wanted = set(made.wanted)
    units = list(made.root.units())
    reads: dict[int, dict[int, None]] = {id(unit): {} for unit in units}
    makes: dict[int, set[int]] = {id(unit): set() for unit in units}
    for node in network.graph:
        own = made.of.get(node.id)
        if own is None:
            continue
        for source in node.inputs:
            if made.of.get(source) is own:
                continue
            inside = set(map(id, above(made.of.get(source))))
            for unit in above(own):
                if id(unit) in inside:
                    break
                reads[id(unit)].setdefault(source)
        outside = {id(made.of[r]): made.of[r] for r in network.graph.readers(node.id) if made.of.get(r, own) is not own}
        if not outside and node.id not in wanted:
            continue
        readers = [set(map(id, above(unit))) for unit in outside.values()]
        for unit in above(own):
            if node.id in wanted or any(id(unit) not in around for around in readers):
                makes[id(unit)].add(node.id)
    for unit in units:
        unit.reads = tuple(reads[id(unit)])
        unit.makes = tuple(sorted(makes[id(unit)]))
    made.root.reads, made.root.makes = network.inputs, made.wanted
    _untangle(made)


def _untangle(made: Tree) -> None:
    """Open units that need, through others, tensors made of their own."""
    for unit in reversed(list(made.root.units())):
        while not unit.open:
            made.orders[id(unit)] = placed = order(unit)
            if placed is not None:
                break
            _stuck(unit).open = True
            made.orders.clear()  # the units around it run what it holds


def _stuck(unit: Unit) -> Unit:
    """A unit that keeps the others from being ordered."""
    children = list(unit.run())
    left = _unplaced(children)
    return next(child for child in children if child in left and isinstance(child, Unit))


def made_by(child: Unit | Node) -> tuple[int, ...]:
    """The tensors that a child leaves."""
    return child.makes if isinstance(child, Unit) else (child.id,)


def read_by(child: Unit | Node) -> tuple[int, ...]:
    """The tensors that a child needs."""
    return child.reads if isinstance(child, Unit) else child.inputs


def _unplaced(children: list[Unit | Node]) -> list[Unit | Node]:
    maker = {id_: child for child in children for id_ in made_by(child)}
    left = list(children)
    while True:
        waiting = {id(child) for child in left}
        ready = [
            c for c in left if not any(id(maker[r]) in waiting for r in read_by(c) if r in maker and maker[r] is not c)
        ]
        if not ready:
            return left
        done = {id(child) for child in ready}
        left = [child for child in left if id(child) not in done]
        if not left:
            return left


def order(unit: Unit) -> list[Unit | Node] | None:
    """What its forward runs, in the text's order as far as that is possible; None where it goes in a circle."""
    children = sorted(unit.run(), key=lambda c: c.first if isinstance(c, Unit) else c.id)
    maker = {id_: at for at, child in enumerate(children) for id_ in made_by(child)}
    if all(maker.get(r, -1) <= at for at, child in enumerate(children) for r in read_by(child)):
        return children
    result: list[Unit | Node] = []
    state = [0] * len(children)
    for start in range(len(children)):
        stack = [start]
        while stack:
            at = stack[-1]
            if state[at] == 2:
                stack.pop()
                continue
            needs = [maker[r] for r in read_by(children[at]) if r in maker and state[maker[r]] != 2 and maker[r] != at]
            if not needs:
                state[at] = 2
                result.append(children[at])
                stack.pop()
            elif state[at] == 1 and any(state[n] == 1 for n in needs):
                return None
            else:
                state[at] = 1
                stack.extend(reversed(needs))
    return result
