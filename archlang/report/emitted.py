"""Where in an emitted source each layer of a network is run: read from the text itself, which is never executed.

A layer's path, `layer1.0.conv1`, leads from the last class, the network's,
through members to the forward that calls it: by its name (`self.conv1`), as an
item (`self.conv2[0]`), by a name that a loop makes (`getattr(self, f"layer{i}")`),
or, in a sequence without a forward of its own, where the sequence is called. A
layer without a module stands where its function is called.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import cache, lru_cache

from archlang.ir.graph import Node
from archlang.ir.network import Network
from archlang.record import entity
from archlang.report.reading import Way, called, in_order, item, name_of, pattern, statements, ways_of


@entity
class Place:
    """A statement of a forward: its first and last line, from 1, and its text on one line."""

    line: int
    end: int
    text: str


@entity
class _Use:
    """A member that a forward names: its way from `self`, a regular expression for each step."""

    way: Way
    place: Place


class _Class:
    """What a class of the source says: its members, what its forward names, the places where it calls what."""

    def __init__(self, tree: ast.ClassDef, lines: list[bytes]) -> None:
        self.members: list[tuple[str, ast.expr]] = []
        self.items: ast.Call | None = None
        self.uses: list[_Use] = []
        self.calls: dict[str, list[Place]] = {}
        for method in tree.body:
            if isinstance(method, ast.FunctionDef) and method.name == "__init__":
                self._made(method)
            elif isinstance(method, ast.FunctionDef) and method.name == "forward":
                self._run(method, lines)
        plain = [_PLAIN.fullmatch(name) is not None for name, _ in self.members]
        self._by_name = {name: at for at, (name, _) in enumerate(self.members) if plain[at]}
        self._by_pattern = [at for at in range(len(plain)) if not plain[at]]
        self._by_first: dict[str | None, list[int]] = {}
        for number, use in enumerate(self.uses):
            plain = use.way[0] if use.way and _PLAIN.fullmatch(use.way[0]) else None
            self._by_first.setdefault(plain, []).append(number)

    def naming(self, first: str, other: str | None) -> list[_Use]:
        """The uses that may name what is reached by `first` or by `other`, in their order."""
        said = dict.fromkeys((None, first, first if other is None else other))
        return [self.uses[number] for number in sorted(n for one in said for n in self._by_first.get(one, ()))]

    def member(self, part: str) -> ast.expr | None:
        """What was last made a member by that name."""
        loops = [at for at in self._by_pattern if _compiled(self.members[at][0]).fullmatch(part)]
        last = max([*loops, self._by_name.get(part, -1)])
        return self.members[last][1] if last >= 0 else None

    def _made(self, method: ast.FunctionDef) -> None:
        for node in ast.walk(method):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Attribute):
                self.members.append((re.escape(node.targets[0].attr), node.value))
            elif isinstance(node, ast.Call) and name_of(node.func) in (
                "setattr",
                "self.add_module",
                "self.register_module",
            ):
                name, value = node.args[-2:]
                self.members.append((pattern(name, {}), value))
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "__init__":
                self.items = node

    def _run(self, method: ast.FunctionDef, lines: list[bytes]) -> None:
        for statement, values in statements(method.body, {}):
            end = statement.end_lineno or statement.lineno
            place = Place(statement.lineno, end, _on_one_line(_segment(lines, statement)))
            if not _makes_places(statement):
                self.uses += [_Use(way, place) for way in ways_of(statement, values)]
            for node in in_order(statement):
                name = called(node)
                if name:
                    self.calls.setdefault(_KERNELS.get(name.rpartition(".")[2], name), []).append(place)


_PLAIN = re.compile(r"-?\w+")
"""A step that is no more than a name or a number."""

_KERNELS = {"concat": "torch.cat"}
"""What stands for a function of PyTorch's, by its name in `archlang.kernels`."""


def _makes_places(statement: ast.stmt) -> bool:
    """Whether a statement makes the places of a concatenation: it names the branches, and runs none."""
    made = statement.value if isinstance(statement, ast.Assign) else None
    return isinstance(made, ast.Call) and name_of(made.func).endswith(".slices")


def _segment(lines: list[bytes], statement: ast.stmt) -> str:
    """The text of a statement: `ast.get_source_segment` splits the whole text anew for each."""
    first, end = statement.lineno - 1, statement.end_lineno or statement.lineno
    found = lines[first:end]
    found[-1] = found[-1][: statement.end_col_offset]
    found[0] = found[0][statement.col_offset :]
    return b"".join(found).decode()


def _on_one_line(text: str) -> str:
    words = " ".join(text.split())
    return re.sub(r",? ([)\]}])", r"\1", re.sub(r"([(\[{]) ", r"\1", words))


class Emitted:
    """The places of a source's layers."""

    def __init__(self, text: str) -> None:
        tree = ast.parse(text)
        lines = text.encode().splitlines(keepends=True)
        self._classes = {node.name: _Class(node, lines) for node in tree.body if isinstance(node, ast.ClassDef)}
        self._root = list(self._classes.values())[-1]

    def places(self, network: Network, within: Mapping[int, str] | None = None) -> dict[int, Place]:
        """Where each layer is run; `within` are those that run in a kernel, so that no call of theirs is there.

        Where two statements name one of them, its place is the one that calls that kernel.
        """
        kernels: Mapping[int, str] = {} if within is None else within
        found: dict[int, Place] = {}
        passed: dict[tuple[int, str, str], int] = {}
        totals = _totals(network)
        for node in network.graph:
            if not node.inputs:
                continue
            way = tuple(node.path.split("."))
            place, holder, exact, _ = self.follow(way, totals, kernels.get(node.id, ""))
            if not exact and node.id not in kernels:
                key = (id(holder), ".".join(way[:-1]), _said(network, node))
                place = _nth(holder, key[2], passed.get(key, 0)) or found.get(node.inputs[-1]) or place
                passed[key] = passed.get(key, 0) + 1
            if place is not None:
                found[node.id] = place
        return found

    def forwards(self, network: Network) -> dict[int, int]:
        """The call of a class that each layer runs in, by node id: layers of one have the same number."""
        numbers: dict[Way, int] = {}
        totals = _totals(network)
        found = ((node.id, self.follow(tuple(node.path.split(".")), totals)[3]) for node in network.graph)
        return {id_: numbers.setdefault(way, len(numbers)) for id_, way in found}

    def follow(self, way: Way, totals: Mapping[Way, int], kernel: str = "") -> tuple[Place | None, _Class, bool, Way]:
        """The innermost place on the way, the class whose forward it ends in, whether it names the layer, and its way.

        `totals` are the numbers of items of sequences, by their way, and those of items with
        names (`_totals`). A class whose items a forward reaches into is not called there.
        """
        at: _Class | ast.expr | None = self._root
        holder, own = self._root, Way()
        place, exact = None, False
        whole = 0
        for depth, part in enumerate(way):
            if depth == whole:
                whole += 1
                if isinstance(at, _Class) and (at.uses or at.calls):
                    holder, own = at, way[:depth]
                    used = _longest(at, way, depth, totals, kernel)
                    if used is None:
                        return place, holder, False, own
                    place, exact, whole = used.place, True, depth + len(used.way)
            at = self._member(at, part, totals.get(way[:depth]))
        return place, holder, exact, own

    def _member(self, at: _Class | ast.expr | None, part: str, total: int | None) -> _Class | ast.expr | None:
        """What a member is: a class of the source where it is one."""
        made = at.member(part) if isinstance(at, _Class) else None
        if made is None:
            made = item(at.items if isinstance(at, _Class) else at, part, total)
        while isinstance(made, ast.IfExp):
            made = made.body
        if isinstance(made, ast.Call) and name_of(made.func) in self._classes:
            return self._classes[name_of(made.func)]
        return made


def _totals(network: Network) -> dict[Way, int]:
    """How many items each sequence has: one more than its last number; and the number of each item that has a name.

    Of items some of which have names, the others go by their numbers among all.
    """
    found: dict[Way, int] = {}
    inside: dict[Way, dict[str, int]] = {}
    for node in network.graph:
        way = tuple(node.path.split("."))
        for depth, part in enumerate(way):
            numbers = inside.setdefault(way[:depth], {})
            if part.isdigit():
                found[way[:depth]] = max(found.get(way[:depth], 0), int(part) + 1)
                numbers[part] = int(part)
            elif part not in numbers:
                numbers[part] = 1 + next(reversed(numbers.values()), -1)
    named = {(*way, name, ""): at for way, items in inside.items() for name, at in items.items() if not name.isdigit()}
    return {**found, **named}


def _longest(at: _Class, way: Way, start: int, totals: Mapping[Way, int], kernel: str) -> _Use | None:
    """The use that names most of a way from `start` on; of several the one whose statement calls `kernel`."""
    other = {step: _number(way[:step], way[step], totals) for step in range(start, len(way))}

    def names(use: _Use) -> bool:
        return all(
            _compiled(p).fullmatch(way[step]) or p == other[step] or _compiled(p).fullmatch(other[step] or "")
            for step, p in enumerate(use.way, start)
        )

    uses = at.naming(way[start], other[start])
    found = [use for use in uses if len(use.way) <= len(way) - start and names(use)]
    return max(found, key=lambda use: (len(use.way), f".{kernel}(" in use.place.text), default=None)


_compiled = lru_cache(maxsize=50_000)(re.compile)
"""A forward may name more members than `re` itself remembers."""


def _number(sequence: Way, part: str, totals: Mapping[Way, int]) -> str | None:
    """What else an item is reached by: one with a number from the end, one with a name by its number."""
    if part.isdigit():
        return f"-{totals[sequence] - int(part)}" if sequence in totals else None
    number = totals.get((*sequence, part, ""))
    return None if number is None else str(number)


def _nth(holder: _Class, name: str, number: int) -> Place | None:
    """The place of a function's call, the one after `number` others; the last where there are fewer."""
    places = holder.calls.get(name, [])
    return places[min(number, len(places) - 1)] if places else None


@cache
def _function(code: str) -> str:
    """The outermost function or operator of a layer's code."""
    tree = ast.parse(re.sub(r"\{(\w+)\}", r"\1", code), mode="eval").body
    return called(tree)


def _said(network: Network, node: Node) -> str:
    """How a forward says a layer without a module."""
    code = node.op.apply(network.entering(node)) or node.op.module(network.entering(node))
    if code is None:
        return ""
    try:
        return _function(code.text)
    except SyntaxError:
        return ""
