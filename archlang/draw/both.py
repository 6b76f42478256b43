"""Two networks in one picture: what was added, removed, changed, and what stayed, each in its colour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from archlang.draw.compose import compose
from archlang.draw.export import checked, write_scene
from archlang.draw.layout import layout
from archlang.draw.render import render_svg
from archlang.draw.scene import Box, Column, Fork, Frame, Item, Repeat, Scene
from archlang.passes.difference import Change, Difference

_COLOURED_AS = {Change.REWIRED: Change.CHANGED}


def draw_both(found: Difference, path: Path | str, *, expand: bool = False) -> Path:
    """Writes the picture of two networks side by side and returns where.

    What only the left one has is red and dashed, what only the right one has is
    green, what changed amber, paler where the sizes alone did, the rest grey.
    Raises as `archlang.draw.draw` does.
    """
    path = checked(found.right, path)
    return write_scene(both(found, expand=expand), path, found.right)


def svg_of_both(found: Difference, *, expand: bool = False) -> str:
    """The same as SVG text."""
    return render_svg(layout(both(found, expand=expand)))


def both(found: Difference, *, expand: bool = False) -> Scene:
    """The scene: a frame for each network, side by side; ids of the right one follow those of the left."""
    marks = [_marks(side) for side in (found.before, found.after)]
    left = compose(found.left, expand=expand, marks=marks[0])
    right = compose(found.right, expand=expand, marks=marks[1])
    shift = max((node.id for node in found.left.graph), default=0) + 1
    one, other = _Moved("left", 0, marks[0]), _Moved("right", shift, marks[1])
    columns = (Column((one.frame(left),)), Column((other.frame(right),)))
    return Scene(
        f"{left.title} and {right.title}",
        f"{left.subtitle} · then {right.subtitle}",
        Column((Fork(columns, level=True),)),
        {**one.labels(left.labels), **other.labels(right.labels)},
        {**one.labels(left.results), **other.labels(right.results)},
    )


def _marks(changes: Mapping[int, Change]) -> dict[int, str]:
    return {id_: _COLOURED_AS.get(change, change).value for id_, change in changes.items()}


class _Moved:
    """One network's scene, its keys moved up by `shift`, its layers coloured by their marks."""

    def __init__(self, name: str, shift: int, marks: Mapping[int, str]) -> None:
        self._name, self._shift, self._marks = name, shift, marks

    def frame(self, scene: Scene) -> Frame:
        """The whole network in a frame, which its title names."""
        return Frame(self._name, scene.title, "network", self._column(scene.body), tip=scene.subtitle)

    def labels(self, labels: Mapping[int, str]) -> dict[int, str]:
        """What is written on tensors, by their new keys."""
        return {key + self._shift: text for key, text in labels.items()}

    def _column(self, column: Column) -> Column:
        return Column(tuple(self._item(item) for item in column.items))

    def _item(self, item: Item) -> Item:
        match item:
            case Box():
                return self._box(item)
            case Frame():
                return replace(item, name=f"{self._name}.{item.name}", body=self._column(item.body))
            case Fork():
                return replace(item, columns=tuple(self._column(column) for column in item.columns))
            case Repeat():
                raise TypeError(item.name)  # a picture that nobody folds has none

    def _box(self, box: Box) -> Box:
        marks = {self._marks.get(row.node, Change.SAME.value) for row in box.rows}
        mark = marks.pop() if len(marks) == 1 else _together(marks)
        return replace(
            box,
            key=box.key + self._shift,
            rows=tuple(replace(row, node=row.node + self._shift, family=mark) for row in box.rows),
            reads=tuple(key + self._shift for key in box.reads),
            sizes=frozenset(key + self._shift for key in box.sizes),
            dashed=mark == Change.REMOVED.value,
        )


def _together(marks: set[str]) -> str:
    """The colour of a box whose layers differ: resized if no more than that befell any, else changed."""
    plain = {Change.SAME.value, Change.RESIZED.value}
    return Change.RESIZED.value if marks <= plain else Change.CHANGED.value
