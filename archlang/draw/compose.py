"""From a network to what is drawn: boxes, frames and forks. Policy stands here, facts come from the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from archlang.draw.asides import beside
from archlang.draw.companions import Group, group_layers, sources
from archlang.draw.fold import Folding, fold
from archlang.draw.order import in_order, interleave
from archlang.draw.parts import Part, groups_of, nest
from archlang.draw.scene import Box, Column, Fork, Frame, Item, Repeat, Row, Scene, boxes
from archlang.draw.shown import labelled
from archlang.draw.style import error
from archlang.draw.theme import drawn
from archlang.draw.words import (
    companion_text,
    every_option,
    network_title,
    tensor_range,
    tensor_text,
    text_range,
    totals,
)
from archlang.ir.graph import Node
from archlang.ir.network import Network
from archlang.ir.scope import Kind
from archlang.ops.notation import options, short_form
from archlang.passes.cost import Cost, costs
from archlang.passes.depth import depth

MOST_BOXES = 5_000
"""Of one picture; every copy of ResNet-1202 takes some 2,000."""
_FRAMED = frozenset({Kind.TRUNK, Kind.STAGE, Kind.BLOCK, Kind.AUX, Kind.GROUP})
_COLUMNS = frozenset({Kind.BRANCH, Kind.SHORTCUT})


def compose(network: Network, *, expand: bool = False, marks: Mapping[int, str] | None = None) -> Scene:
    """The scene of a network; `expand` draws every copy of a repeat.

    `marks` gives each layer, by id, a family to be coloured by instead of its own;
    copies whose marks differ are not folded.
    Raises ArchError (`picture-size`) past `MOST_BOXES`.
    """
    scene = _compose(network, None if expand else Folding(marks or {}))
    _check_size(network, scene, expand=expand)
    return labelled(scene)


def _check_size(network: Network, scene: Scene, *, expand: bool) -> None:
    """Raises ArchError (`picture-size`) for a picture that nobody could look at, before time is spent on it."""
    size = sum(1 for _ in boxes(scene.body))
    if size > MOST_BOXES:
        message = f"this picture would have {size:,} boxes, and pictures end at {MOST_BOXES:,}"
        help_ = "leave out `--expand`" if expand else "write what repeats with `x n`: its copies are drawn once"
        raise error(network, "picture-size", message, help_)


def compose_to_fold(network: Network, marks: Mapping[int, str] | None = None) -> Scene:
    """The scene for a reader who folds: with a `Repeat` for each, without labels (see `shown`) and boxes' tips."""
    return _compose(network, Folding(marks or {}, keep=True), tips=False)


def _compose(network: Network, folding: Folding | None, *, tips: bool = True) -> Scene:
    groups = group_layers(network)
    root = nest(groups)
    source = sources(network)
    results = {source[result.reading or result.output]: result.name for result in network.results}
    if folding is not None:
        fold(root, {*results, *(source[tap] for tap in network.taps.values())}, folding)
    composer = _Composer(network, tips=tips)
    body = composer.column(root)
    if not in_order(body):
        body = Column(tuple(composer.box(group) for group in group_layers(network)))
    names = results if len(network.results) > 1 else dict.fromkeys(results, "")
    return Scene(network_title(network), _subtitle(network, composer.costs), body, {}, names)


def _subtitle(network: Network, by_node: Mapping[int, Cost]) -> str:
    """The totals without train-only heads."""
    counted = totals(cost for id_, cost in by_node.items() if id_ not in network.train_only)
    return f"{counted} · depth {depth(network)}"


class _Composer:
    def __init__(self, network: Network, *, tips: bool) -> None:
        self.network = network
        self.tips = tips
        self.costs = costs(network)
        source = sources(network)
        self.taps: dict[int, list[str]] = {}
        for name, tap in network.taps.items():
            self.taps.setdefault(source[tap], []).append(name)

    def column(self, part: Part) -> Column:
        """What a part holds, one under another."""
        items = self._items(part)
        return Column(tuple(beside(interleave(items)) if part.scope is None else items))

    def _items(self, part: Part) -> list[Item]:
        children = part.children
        if part.kind is Kind.WRAP:
            return self._wrap(children)
        return [item for child in children for item in self._child(child)]

    def _child(self, child: Part | Group) -> list[Item]:
        if isinstance(child, Group):
            return [self.box(child)]
        if child.kind in _FRAMED:
            frame = self._frame(child)
            return [frame] if frame.body.items else []
        items = self._items(child)
        if child.times == 1:
            return items
        folded = self._times(child, items)
        if not child.copies:
            return [folded]
        return [Repeat(f"r{_name(child)}", folded, tuple(tuple(self._items(copy)) for copy in child.copies))]

    def _wrap(self, children: Sequence[Part | Group]) -> list[Item]:
        """Branches side by side; a share of a split goes with the branch that reads it."""
        items: list[Item] = []
        columns: list[list[Item]] = []
        straight = False
        loose: list[Item] = []
        for child in children:
            if isinstance(child, Part) and child.kind in _COLUMNS:
                straight |= child.kind is Kind.SHORTCUT
                columns.append([*loose, *self._items(child)])
                loose = []
            elif isinstance(child, Group) and child.nodes[0].op.family == "slice":
                loose.append(self.box(child))
            else:
                items += [*_side_by_side(columns, straight=straight), *loose]
                columns, loose, straight = [], [], False
                items += self._child(child)
        return [*items, *_side_by_side(columns, straight=straight), *loose]

    def _times(self, part: Part, items: list[Item]) -> Box | Frame:
        """A folded repeat: its one item with a multiplier, or a frame around all of them."""
        match items:
            case [Box() | Frame() as only] if only.times == 1:
                return replace(only, times=part.times, tip=f"{part.times} copies; the last:\n{only.tip}")
            case _:
                return Frame(_name(part), "", "repeat", Column(tuple(items)), "", f"{part.times} copies", part.times)

    def _frame(self, part: Part) -> Frame:
        column = self.column(part)
        nodes = [node for group in groups_of(part) for node in group.nodes]
        dashed = all(node.id in self.network.train_only for node in nodes)
        title, sort = _titles(part)
        if part.kind is Kind.AUX and len(column.items) == 1 and isinstance(column.items[0], Frame):
            inner = column.items[0]
            column, sort = inner.body, inner.sort or inner.title
        tip = f"{' · '.join(filter(None, (title, sort)))}\n{totals(self.costs[node.id] for node in nodes)}"
        return Frame(_name(part), title, part.kind.value, column, sort, tip, 1, dashed, aside=part.kind is Kind.AUX)

    def box(self, group: Group) -> Box:
        """The box of a layer and its companions."""
        main = group.nodes[group.main]
        first = group.first or group.nodes
        shape = self.network.shapes[group.key]
        rows = tuple(
            Row(
                node.id,
                self._name(node) if node is main else text_range(companion_text, one.op, node.op),
                drawn(node.op),
            )
            for one, node in zip(first, group.nodes, strict=True)
        )
        return Box(
            group.key,
            rows,
            group.main,
            group.reads,
            group.sizes,
            self._note(main, first[group.main], group.key),
            "\n".join(self._tip(node) for node in group.nodes) if self.tips else "",
            1,
            all(node.id in self.network.train_only for node in group.nodes),
            ((tensor_text(shape), tensor_range(self.network.shapes[first[-1].id], shape)),),
        )

    def _name(self, node: Node) -> str:
        if node.op.arity == 0:
            return node.label or node.name
        return short_form(node.op)

    def _note(self, node: Node, first: Node, key: int) -> str:
        """The name a person gave it, its unusual options, the taps on the tensor `key`, whose weights it shares."""
        if node.op.arity == 0:
            return ""
        taps = self.taps.get(key, [])
        name = _given_name(node)
        texts = ["" if name in taps else name, text_range(options, first.op, node.op), *(f"tap {tap}" for tap in taps)]
        if node.shares is not None and node.op.stateful:
            texts.append(f"weights of {self.network.graph[node.shares].path}")
        return " · ".join(text for text in texts if text)

    def _tip(self, node: Node) -> str:
        shapes = self.network.shapes
        said = every_option(node.op)
        lines = [f"{node.path}: {node.op.word}" + (f" ({said})" if said else "")]
        entering = ", ".join(tensor_text(shapes[i]) for i in node.inputs)
        lines.append(f"{entering} -> {tensor_text(shapes[node.id])}" if entering else tensor_text(shapes[node.id]))
        if node.op.stateful or node.op.counted:
            lines.append(totals([self.costs[node.id]]))
        return "\n".join(lines)


def _given_name(node: Node) -> str:
    """What a person called a layer, or the word that stands for it; "" if that is only what it is."""
    word = next((scope for scope in node.scope.chain() if scope.kind is Kind.WORD), None)
    if word is not None and word.label:
        return word.label
    return node.label if node.label and node.label not in (node.op.word, node.op.family) else ""


def _name(part: Part) -> str:
    """A name that no other part has: its first layer, and how deep it lies."""
    depth = sum(1 for _ in part.scope.chain()) if part.scope else 0
    return f"{next(groups_of(part)).nodes[0].id}.{depth}"


def _titles(part: Part) -> tuple[str, str]:
    """The name of a frame, and what it is a call of: `i4a`, `inception`. Folded copies have a range of names."""
    scope = part.scope
    if scope is None or not scope.label or scope.label == scope.title:
        return scope.title if scope else "", ""
    first, last = part.first.label if part.first else None, scope.label
    if first is None or first == last:
        return last, scope.title
    stem = last.rstrip("0123456789")
    return f"{first}…{last[len(stem) :] if first.startswith(stem) else last}", scope.title


def _side_by_side(columns: list[list[Item]], *, straight: bool) -> list[Item]:
    """A fork of the columns that hold anything, if they do not read one another."""
    full = [column for column in columns if column]
    if len(full) < 2 or not _independent(full):
        return [item for column in full for item in column]
    return [Fork(tuple(Column(tuple(column)) for column in full), 0 if straight else None)]


def _independent(columns: list[list[Item]]) -> bool:
    made: set[int] = set()
    for column in columns:
        inside = [box for item in column for box in boxes(item)]
        if any(key in made for box in inside for key in box.reads):
            return False
        made.update(box.key for box in inside)
    return True
