"""Which units are printed as classes of their own, and which of them are calls of one."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from archlang.emit import either, optional, roll
from archlang.emit.bodies import Bodies, chain
from archlang.emit.forms import Form
from archlang.emit.origins import PLACES, class_title, is_body, items_said, nesting, origin, said_in, said_together
from archlang.emit.reach import indexed
from archlang.emit.units import Tree, Unit, above
from archlang.ir.graph import Node


class Groups:
    """The calls of each class, `units` by a key, `of` the key of each of them by `id`.

    `own` are all of those, by `id`; `chains` what each closed unit runs, where that is a plain chain;
    `titles` the groups that would have one name.
    """

    def __init__(self, tree: Tree, bodies: Bodies) -> None:
        self.bodies = bodies
        self.units: dict[Any, list[Unit]] = defaultdict(list)
        self.of: dict[int, Any] = {}
        self.own: set[int] = set()
        self.chains: dict[int, list[Unit | Node] | None] = {}
        self.titles: dict[str, list[list[Unit]]] = defaultdict(list)
        self._decide(tree)

    def _decide(self, tree: Tree) -> None:
        closed = [unit for unit in tree.root.units() if not unit.open and unit.parent is not None]
        sequences: dict[Any, list[Unit]] = defaultdict(list)
        for unit in closed:
            self.chains[id(unit)] = chain(unit, self.bodies)
            if unit.again is not None:
                continue
            if self.chains[id(unit)] is None or (is_body(unit) and not indexed(unit)):
                self.own.add(id(unit))
                self._join(unit, (origin(unit), nesting(unit)))
            else:
                sequences[origin(unit) if is_body(unit) else None, self._raw(unit)].append(unit)
        self._repeats(sequences)
        chosen: list[list[Unit]] = []
        for units in self._of_blocks([units for units in sequences.values() if id(units[0]) not in self.own]):
            sites = {self._site(unit) for unit in units}
            if len(sites) > 1 and len({self._said(unit) for unit in units}) == 1:
                sites = {self._said(units[0])}
            items = len(self.chains[id(units[0])] or ())
            named = any(scope.kind in PLACES for unit in units for scope in unit.scopes)
            plain = all(isinstance(child, Node) for child in self.chains[id(units[0])] or ())
            several = len(sites) > 1 and items > 2 and (plain or not named)
            differ = items > 2 and is_body(units[0]) and self._differ_in_a_repeat(units)
            if several or differ or (len(sites) > 2 and not named):
                chosen.append(units)
        for number, units in enumerate(said_together(chosen)):
            for unit in units:
                self.own.add(id(unit))
                self._join(unit, ("sequence", number))
        for units in self.units.values():
            self.titles[class_title(units)].append(units)

    def _of_blocks(self, groups: list[list[Unit]]) -> list[list[Unit]]:
        """The same groups, those of one block together where one class can be all of them: another activation each."""
        blocks: dict[Any, list[list[Unit]]] = defaultdict(list)
        for units in groups:
            if is_body(units[0]) and indexed(units[0]):
                blocks[origin(units[0])].append(units)
        joined: dict[int, list[Unit]] = {}
        gone: set[int] = set()
        for several in blocks.values():
            if len(several) > 1 and self._one_class([units[0] for units in several]):
                joined[id(several[0])] = sorted((unit for units in several for unit in units), key=lambda u: u.first)
                gone.update(id(units) for units in several[1:])
        return [joined.get(id(units), units) for units in groups if id(units) not in gone]

    def _one_class(self, units: list[Unit]) -> bool:
        """Whether sequences differ in what a class can say: how often, whether, or which of several functions."""
        known: dict[Any, str] = {}
        forms: list[Form] = []
        for unit in units:
            items: list[tuple[None, Form]] = []
            for child, (_, part) in zip(self.chains[id(unit)] or (), self._raw(unit)[1:], strict=True):
                one = None if isinstance(child, Unit) else self.bodies.module(child)
                items.append((None, one or Form(known.setdefault(part, f"unit{len(known)}"), ())))
            forms.append(Form("nn.Sequential", tuple(items)))
        rolled = roll.sequences(forms, lambda call: items_said(units[call]))
        return any((rolled, optional.sequences(forms), either.sequences(forms)))

    def _differ_in_a_repeat(self, units: list[Unit]) -> bool:
        """Whether copies of a repeat are not printed alike, as other channels enter the first of them."""
        entering: dict[Any, set[Any]] = defaultdict(set)
        for unit in units:
            entering[id(unit.parent), self._said(unit)].add(self.bodies.shapes[unit.reads[0]][0])
        return any(len(widths) > 1 for widths in entering.values())

    def _repeats(self, sequences: dict[Any, list[Unit]]) -> None:
        """Sequences that are one repeat each, however often it goes, are calls of one class: ResNet's stages."""
        alike: dict[Any, list[Unit]] = defaultdict(list)
        for units in sequences.values():
            parts = self._parts(units[0])
            if indexed(units[0]) and self._bodied(units[0]) and len(set(parts)) == 1:
                alike[parts[0]].extend(units)
        for part, units in alike.items():
            differ = len({len(self._parts(unit)) for unit in units}) > 1
            ids = set(map(id, units))
            nested = any(id(inner) in ids for unit in units for inner in unit.units() if inner is not unit)
            if not nested and (len({self._site(unit) for unit in units}) > 2 or (differ and all(map(is_body, units)))):
                for unit in sorted(units, key=lambda unit: unit.first):
                    self.own.add(id(unit))
                    self._join(unit, ("sequence", ("repeat", part)))

    def _bodied(self, unit: Unit) -> bool:
        """Whether it holds calls of blocks."""
        return all(isinstance(child, Unit) for child in self.chains[id(unit)] or ())

    def _parts(self, unit: Unit) -> list[Any]:
        """What its items are, whatever number they have."""
        return [part for _, part in self._raw(unit)[1:]]

    def _join(self, unit: Unit, key: Any) -> None:
        self.units[key].append(unit)
        self.of[id(unit)] = key

    def _raw(self, unit: Unit) -> Any:
        """What two sequences must share to be calls of one class."""
        parts: list[Any] = [indexed(unit)]
        for child in self.chains[id(unit)] or ():
            name = child.name if keeps_name(child) else None
            if isinstance(child, Unit):
                inner = self.chains.get(id(child))
                parts.append((name, self._raw(child) if inner is not None and not is_body(child) else origin(child)))
            else:
                one = self.bodies.module(child)
                parts.append((name, (one and one.shape, self.bodies.flattens(child))))
        return tuple(parts)

    def _site(self, unit: Unit) -> Any:
        """The place in the source that a unit is printed at: the copies of a block share theirs."""
        way: list[str] = []
        at = unit
        while at.parent is not None and (at is unit or not self._is_class(at)):
            way.append(at.name)
            at = at.parent
        return (origin(at) if at.parent is not None else ""), tuple(way)

    def _said(self, unit: Unit) -> Any:
        """The place in the file that says a unit of a block, wherever that is printed; outside of blocks its own."""
        block = next((at for at in above(unit.parent) if self._is_class(at)), None)
        return self._site(unit) if block is None or block.binding is None else (origin(block), said_in(unit, block))

    def _is_class(self, unit: Unit) -> bool:
        return id(unit) in self.own or is_body(unit) or self.chains.get(id(unit)) is None


def keeps_name(child: Unit | Node) -> bool:
    """Whether its name is a step of some key."""
    return child.stateful if isinstance(child, Unit) else child.op.stateful
