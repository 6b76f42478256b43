"""Which units become classes of their own, in which order, and what the others are printed as."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from archlang.emit import either, optional, repeats, roll
from archlang.emit.bodies import Bodies, Body, flatten_first
from archlang.emit.builder import build
from archlang.emit.classes import Built, Class
from archlang.emit.evened import even, kept_apart
from archlang.emit.expr import Fun, Lit
from archlang.emit.forms import Arg, Form, leaves
from archlang.emit.groups import Groups, keeps_name
from archlang.emit.imported import Origin
from archlang.emit.merge import Merged, alone, clusters, split
from archlang.emit.names import Names, class_name
from archlang.emit.numbered import renumbered
from archlang.emit.origins import (
    blocks_given,
    class_title,
    items_said,
)
from archlang.emit.params import MismatchError
from archlang.emit.reach import indexed
from archlang.emit.units import Tree, Unit
from archlang.ir.graph import Node
from archlang.ir.network import Network
from archlang.passes.inplace import overwrites


class Plan:
    """The classes of a network, those that others use first; the whole network's is the last."""

    def __init__(self, network: Network, tree: Tree, names: Names, called: Mapping[Origin, str]) -> None:
        self.network, self.tree, self.names = network, tree, names
        self.bodies = Bodies(network, overwrites(network), self.constructor, dict(tree.orders), called)
        self.classes: dict[str, Class] = {}
        self._calls: dict[int, Form] = {}
        self._tried: dict[Merged, Built | None] = {}
        self.root_name = names.take(class_name(network.name, "Network"))
        given = even(tree, self.bodies)
        if given:
            self.bodies.overwrites = overwrites(network, given)
        self._groups = Groups(tree, self.bodies)
        self.root = self._root()

    def chain(self, unit: Unit) -> list[Unit | Node] | None:
        """What a closed unit runs, one after the other; None where that is no plain chain."""
        return self._groups.chains.get(id(unit))

    # ---- constructors ---------------------------------------------------------

    def constructor(self, unit: Unit) -> Form:
        """How a unit is made: a call of its class, or a sequence of what it holds."""
        if id(unit) in self._groups.own:
            if id(unit) not in self._calls:
                self._build(self._groups.of[id(unit)])
            return self._calls[id(unit)]
        if unit.open:
            return self._held(unit)
        return self._sequence(unit)

    def _held(self, unit: Unit) -> Form:
        """A unit that only holds its modules."""
        members = self.bodies.members(unit)
        if any(one.function == "nn.Parameter" for _, one in members):  # a sequence holds modules only
            return self._holder(unit, members)
        if indexed(unit):
            return Form("nn.Sequential", tuple((None, one) for _, one in members))
        return Form("nn.Sequential", tuple(members), ordered=True)

    def _holder(self, unit: Unit, members: tuple[tuple[str, Form], ...]) -> Form:
        """A class that has members and no forward."""
        if id(unit) not in self._calls:
            body = Body(members, (), (), (), indexed=False)
            self._take(self._free(class_title([unit])), build(alone(unit, body), self.network.shapes, sequence=False))
        return self._calls[id(unit)]

    def _sequence(self, unit: Unit) -> Form:
        """`nn.Sequential(...)`, with names where they are no plain count."""
        named: list[tuple[str, Arg]] = []
        names = Names({child.name for child in unit.children})
        flattened = flatten_first(unit, self.bodies)
        for child in self._groups.chains[id(unit)] or ():
            flat = flatten_first(child, self.bodies) if isinstance(child, Unit) else self.bodies.flattens(child)
            if flat and not flattened:
                named.append((names.take("flatten"), Form("nn.Flatten", ())))
            name = child.name
            if not keeps_name(child) and isinstance(child, Node) and not indexed(unit):
                name = names.take(child.op.family)
            one = self.constructor(child) if isinstance(child, Unit) else self.bodies.module(child)
            assert one is not None  # noqa: S101 - a chain has only modules
            named.append((name, one))
        if [name for name, _ in named] == [str(n) for n in range(len(named))]:
            return Form("nn.Sequential", tuple((None, one) for _, one in named))
        return Form("nn.Sequential", tuple(named), ordered=True)

    # ---- classes ----------------------------------------------------------------

    def _build(self, key: Any) -> None:
        units = self._groups.units[key]
        sequence = key[0] == "sequence"
        made = [_sequence_body(unit, self._sequence(unit)) if sequence else self.bodies.body(unit) for unit in units]
        found = plain = clusters(units, made)
        others = list(self._rolled(units, made, sequence=sequence))
        if len(found) > 1 and not sequence and (settled := kept_apart(units, made)) != made:
            others += [settled, *self._rolled(units, settled, sequence=False)]
        if len(found) > 1 and not sequence and (asked := either.steps(made)) is not None:
            others.append(asked)
        for rolled in others:
            other = clusters(units, rolled)
            if self._better(other, found, sequence=sequence):
                found = other
        if not sequence:
            found = self._listed(units, made, found)
        title = class_title(units)
        apart = len(found) > 1 or len(self._groups.titles[title]) > 1
        others = [group for group in self._groups.titles[title] if group is not units]
        blocks = blocks_given([*(merged.units for merged in found), *others])[: len(found)]
        for merged, block in zip(found, blocks, strict=True):
            title = f"{block}_{class_title(merged.units, apart=apart)}".strip("_")
            if found is plain:
                self._class(title, merged, sequence=sequence)
            else:  # it is known that it can be built
                self._named(title, merged, self._built(merged, sequence=sequence), sequence=sequence)

    def _rolled(self, units: list[Unit], made: list[Body], *, sequence: bool) -> Iterator[list[Body]]:
        """The same bodies with what differs between them said as repeats and options."""
        if sequence:
            forms = [self._sequence(unit) for unit in units]
            whole = (
                roll.sequences(forms, lambda call: items_said(units[call]))
                or optional.sequences(forms)
                or either.sequences(forms)
                or ()
            )
            if whole:
                yield [_sequence_body(unit, form) for unit, form in zip(units, whole, strict=True) if form]
        elif len(units) > 1:
            rolled = repeats.bodies(units, made)
            if rolled != made:
                yield rolled
            if len({body.key for body in rolled}) > 1:
                renamed = renumbered(units, rolled)
                if any(body.own for body in renamed):
                    yield renamed

    def _listed(self, units: list[Unit], made: list[Body], found: list[Merged]) -> list[Merged]:
        """The same calls with what differs between copies as lists, where that takes less."""
        cost = self._cost(found, sequence=False)
        items = any(_items(self._built(merged, sequence=False)) for merged in found)
        if len(units) == 1 or (cost[:2] == (1, 0) and not items):
            return found
        listed = repeats.bodies(units, made, listed=True)
        other = clusters(units, listed) if listed != made else found
        if other is found or any(self._built(merged, sequence=False) is None for merged in other):
            return found
        rest = self._cost(other, sequence=False)
        return other if rest < cost or (rest == cost and items) else found

    def _better(self, rolled: list[Merged], found: list[Merged], *, sequence: bool) -> bool:
        """Whether rolled bodies need fewer classes, or as many with less that the file does not have."""
        if any(self._built(merged, sequence=sequence) is None for merged in rolled):
            return False
        return self._cost(rolled, sequence=sequence) < self._cost(found, sequence=sequence)

    def _cost(self, found: list[Merged], *, sequence: bool) -> tuple[int, int, int]:
        """The classes that will come of these, their arguments that the file does not have, and their conditions."""
        classes, invented = 0, 0
        for merged in found:
            needed = _invented(self._built(merged, sequence=sequence), merged)
            classes += len(split(merged)) if merged.runs and needed > 1 else 1
            invented += needed
        return classes, invented, sum(len(merged.runs) for merged in found)

    def _class(self, title: str, merged: Merged, *, sequence: bool) -> None:
        built = self._built(merged, sequence=sequence)
        if merged.runs and _invented(built, merged) > 1:
            apart = [(part, self._built(part, sequence=sequence)) for part in split(merged)]
            if sum(_invented(one, part) for part, one in apart) < _invented(built, merged):
                for part, one in apart:
                    self._named(title, part, one, sequence=sequence)
                return
        self._named(title, merged, built, sequence=sequence)

    def _named(self, title: str, merged: Merged, built: Built | None, *, sequence: bool) -> None:
        """A class by its name; where one does not do for these calls, one for each."""
        if built is not None:
            self._take(self._free(title), built)
            return
        for unit, body in zip(merged.units, merged.bodies, strict=True):
            self._class(title, alone(unit, body), sequence=sequence)

    def _free(self, title: str) -> str:
        """A name for a class: that of the whole network is taken."""
        name = class_name(title)
        return self.names.take(f"{name}Block" if name == self.root_name else name)

    def _take(self, name: str, built: Built) -> None:
        self.classes[name], calls = built.named(name)
        self._calls.update(calls)

    def _built(self, merged: Merged, *, sequence: bool) -> Built | None:
        """A class for these calls; None where one cannot say them all. Asked for twice, so kept."""
        if merged not in self._tried:
            try:
                self._tried[merged] = build(merged, self.network.shapes, sequence=sequence)
            except MismatchError:
                self._tried[merged] = None
        return self._tried[merged]

    def _root(self) -> Class:
        body = self.bodies.body(self.tree.root)
        made, _ = build(alone(self.tree.root, body), self.network.shapes, sequence=False).named(self.root_name)
        return made


def _invented(built: Built | None, merged: Merged) -> int:
    """How many arguments a class for these calls has that the file does not."""
    return len(merged.units) if built is None else sum(param.invented for param in built.made.params)


def _items(built: Built | None) -> bool:
    """Whether a class has items of a list, one by one (`ws[1]`) or beside numbers that only chance makes even."""
    said = [leaf.value for _, one in built.made.members for _, _, leaf in leaves(one)] if built is not None else []
    return any(isinstance(one, Fun) and one.name == "[]" and one.args[1] != Lit(0) for one in said)


def _sequence_body(unit: Unit, form: Form) -> Body:
    """A unit whose class is an `nn.Sequential`."""
    names = [name or str(at) for at, (name, _) in enumerate(form.args)]
    members = tuple((name, one) for name, (_, one) in zip(names, form.args, strict=True) if isinstance(one, Form))
    return Body(members, (), (), unit.reads, not form.ordered)
