"""A place for everything: sizes first, inside out, then positions, outside in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from archlang.draw.boxtext import Writing
from archlang.draw.measure import Measure, Measured
from archlang.draw.metrics import clean
from archlang.draw.picture import RESULT, Edge, Picture, PlacedBox, PlacedFrame, Point, Tag
from archlang.draw.plan import ColumnPlan
from archlang.draw.scene import Box, Frame, Scene
from archlang.draw.spacing import DOWN, Spacing
from archlang.draw.turn import turned

Path = list[Point]
Ends = list[tuple[int, Path]]
"""Boxes that a port leads to, each with the way from the port to it."""


def layout(scene: Scene, spacing: Spacing = DOWN) -> Picture:
    """Places a scene in whole pixels; its top left corner is (0, 0) and nothing is left of or above it.

    The same scene gives the same picture, and equal frames in it look the same. `spacing` says how much room
    everything takes, and whether the network runs down the page or to the right.
    """
    measure = Measure(scene, spacing)
    plan = measure.column(scene.body, foot=spacing.arrow)
    placer = _Placer(scene, measure, spacing)
    _, leaving = placer.column(plan, plan.left, 0, 0)
    for key in scene.results:
        end = plan.left + plan.outs[key], plan.ys[-1]
        placer.edges.append(Edge(key, RESULT, _simple([*leaving[key], end])))
    picture = Picture(
        scene,
        plan.left + plan.right,
        plan.height,
        plan.left,
        tuple(placer.boxes),
        tuple(placer.frames),
        tuple(placer.edges),
        tuple(placer.tags),
    )
    return turned(picture) if spacing.turned else picture


@dataclass
class _Placer:
    scene: Scene
    measure: Measure
    spacing: Spacing
    boxes: list[PlacedBox] = field(default_factory=list[PlacedBox])
    frames: list[PlacedFrame] = field(default_factory=list[PlacedFrame])
    edges: list[Edge] = field(default_factory=list[Edge])
    tags: list[Tag] = field(default_factory=list[Tag])

    def item(self, item: Measured, x: int, y: int, depth: int) -> tuple[dict[int, list[Ends]], dict[int, Path]]:
        """Places an item whose axis is at x.

        Returns the ends behind each of its ports, by tensor, and the way of each tensor that leaves it from its box.
        """
        match item.item:
            case Box() as box:
                return self._box(box, item, x, y)
            case Frame() as frame:
                return self._frame(frame, item, x, y, depth)
            case _:
                return self._fork(item, x, y, depth)

    def _box(self, box: Box, item: Measured, x: int, y: int) -> tuple[dict[int, list[Ends]], dict[int, Path]]:
        lines = cast(Writing, item.inner)
        across, along = self.spacing.box(lines)
        self.boxes.append(PlacedBox(box, lines, x - across // 2, y, across, along))
        return {key: [[(box.key, [(x, y)])]] for key in box.reads}, {
            key: [(x + port, y + along)] for key, port in item.outs.items()
        }

    def _frame(
        self, frame: Frame, item: Measured, x: int, y: int, depth: int
    ) -> tuple[dict[int, list[Ends]], dict[int, Path]]:
        stack = 2 * self.spacing.stack if frame.times > 1 else 0
        width, height = item.left + item.right - stack, item.height - stack
        self.frames.append(PlacedFrame(frame, x - item.left, y, width, height, depth, self.measure.makes(frame)))
        entries, leaving = self.column(cast(ColumnPlan, item.inner), x, y + self.spacing.frame(frame)[2], depth + 1)
        return {key: [ends] for key, ends in entries.items()}, leaving

    def _fork(self, item: Measured, x: int, y: int, depth: int) -> tuple[dict[int, list[Ends]], dict[int, Path]]:
        entries: dict[int, list[Ends]] = {}
        leaving: dict[int, Path] = {}
        for shift, top, plan in cast(tuple[tuple[int, int, ColumnPlan], ...], item.inner):
            inner, out = self.column(plan, x + shift, y + top, depth)
            for key, ends in inner.items():
                entries.setdefault(key, []).append(ends)
            for key, path in out.items():
                leaving[key] = [*path, (x + shift + plan.outs[key], y + top + plan.height)]
        return entries, leaving

    def column(self, plan: ColumnPlan, x: int, y: int, depth: int) -> tuple[dict[int, Ends], dict[int, Path]]:
        """Places a column; returns what lies behind each tensor that enters it, and the ways of those that leave."""
        starts: dict[int, Path] = {key: [(x + port, y)] for key, port in plan.ins.items()}
        waiting: list[tuple[int, int, int, int, Ends]] = []  # key, gap, port, top of the item, ends
        hung = {aside.index: aside for aside in plan.asides}
        spots = [(i, gap, 0) for gap, i in enumerate(plan.trunk)] + [(a.index, a.gap, a.x) for a in plan.asides]
        for index, gap, shift in sorted(spots):
            item, top = cast(Measured, plan.items[index]), y + plan.ys[gap]
            entries, leaving = self.item(item, x + shift, top, depth)
            for key, ports in entries.items():
                for port, ends in zip(item.ins[key], ports, strict=True):
                    waiting.append((key, gap, shift + port, top, ends))
            if index not in hung:
                for key, path in leaving.items():
                    starts[key] = [*path, (x + item.outs[key], top + item.height)]
        for key, port, middle in plan.tags:
            self.tags.append(Tag(key, clean(self.scene.labels[key]), x + port, y + middle, depth))
        entering: dict[int, Ends] = {}
        for key, gap, port, top, ends in waiting:
            way = self._way(plan, key, gap, port, x, y)
            for target, rest in ends:
                path = [*starts[key], *way, (x + port, top), *rest]
                if key in plan.ins:
                    entering.setdefault(key, []).append((target, path))
                else:
                    self.edges.append(Edge(key, target, _simple(path)))
        outgoing = {key: [*starts[key], *self._way(plan, key, None, plan.outs[key], x, y)] for key in plan.outs}
        return entering, outgoing

    def _way(self, plan: ColumnPlan, key: int, gap: int | None, port: int, x: int, y: int) -> Path:
        """The turns of a tensor inside a column, from where it appears to a port in a gap (None: to the bottom)."""
        birth, arrival = plan.arrivals[key]
        if gap is not None and gap == birth:
            return _turn(plan, key, gap, arrival, port, x, y)
        lane = plan.lanes.get(key, arrival)
        turns = _turn(plan, key, birth, arrival, lane, x, y)
        return turns if gap is None else turns + _turn(plan, key, gap, lane, port, x, y)


def _turn(plan: ColumnPlan, key: int, gap: int, start: int, end: int, x: int, y: int) -> Path:
    """The corners of a tensor that comes down at `start` in a gap and goes on at `end`."""
    if start == end:
        return []
    turns: Path = []
    if (gap, key) in plan.bends:
        over, level = plan.bends[gap, key]
        turns = [(x + start, y + level), (x + over, y + level)]
        start = over
    level = plan.levels[gap, key]
    return [*turns, (x + start, y + level), (x + end, y + level)]


def _simple(path: Path) -> tuple[Point, ...]:
    """The same way without points that lie on a straight piece."""
    kept: Path = []
    for point in path:
        if kept and kept[-1] == point:
            continue
        while len(kept) > 1 and (kept[-2][0] == kept[-1][0] == point[0] or kept[-2][1] == kept[-1][1] == point[1]):
            kept.pop()
        kept.append(point)
    return tuple(kept)
