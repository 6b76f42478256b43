"""The size of every part of a scene, and where tensors enter and leave it.

All x are measured from the part's own axis, the upright line of its trunk; all y from its top.
A part's size depends on what it holds and on nothing else, so that calls of one block look the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from archlang.draw.boxtext import Writing
from archlang.draw.column import ColumnPlanner
from archlang.draw.flow import Flows
from archlang.draw.plan import ColumnPlan, Extent
from archlang.draw.scene import Box, Column, Fork, Frame, Item, Repeat, Scene
from archlang.draw.spacing import Spacing


@dataclass(frozen=True, slots=True)
class Measured(Extent):
    """An item with its size: `inner` is what places it again, by kind."""

    item: Item
    inner: Writing | tuple[tuple[int, int, ColumnPlan], ...] | ColumnPlan


class Measure:
    """Measures one scene, inside out."""

    def __init__(self, scene: Scene, spacing: Spacing) -> None:
        self._flows = Flows(scene.body, scene.results)
        self._spacing = spacing
        self._labels: Mapping[int, tuple[int, int]] = {key: spacing.label(text) for key, text in scene.labels.items()}
        self._writings: dict[int, Writing] = {}

    def makes(self, item: Item) -> frozenset[int]:
        """The keys of the boxes inside an item."""
        return self._flows.of(item).makes

    def column(self, column: Column, *, framed: bool = False, foot: int | None = None) -> ColumnPlan:
        """A column with everything in it; `framed` and `foot` as in `ColumnPlanner`."""
        room = self._spacing
        own = [item for item in column.items if isinstance(item, Box)]
        writings = [room.writing(box) for box in own]
        for box, lines in zip(own, writings, strict=True):
            self._writings[id(box)] = room.widened(lines, self._across(own, writings))
        flow = self._flows.of(column)
        items = [self.item(item) for item in column.items]
        foot = room.foot if foot is None else foot
        return ColumnPlanner(items, flow.takes, flow.gives, self._labels, room, framed=framed, foot=foot).plan()

    def _across(self, own: list[Box], writings: list[Writing]) -> int:
        """How far the boxes of a column reach across: all as far as the widest, if they run down the page."""
        ports = max((abs(port) for box in own for port in self._ports(box.gives).values()), default=0)
        least = 2 * (ports + self._spacing.beside) if ports or not self._spacing.turned else 0
        return least if self._spacing.turned else max([least, *(lines.width for lines in writings)])

    def item(self, item: Item) -> Measured:
        """One item."""
        match item:
            case Box():
                return self._box(item)
            case Fork():
                return self._fork(item)
            case Frame():
                return self._frame(item)
            case Repeat():
                raise TypeError(item.name)  # `shown` leaves none

    def _box(self, box: Box) -> Measured:
        lines = self._writings[id(box)]
        across, along = self._spacing.box(lines)
        half = across // 2
        stack = self._spacing.stack if box.times > 1 else 0
        return Measured(
            left=half,
            right=half + stack,
            height=along + stack,
            ins=dict.fromkeys(box.reads, (0,)),
            outs=self._ports(box.gives),
            bare=frozenset(box.gives),
            above=self._spacing.arrow,
            aside=box.closed is not None and box.closed.aside,
            item=box,
            inner=lines,
        )

    def _ports(self, gives: tuple[int, ...]) -> dict[int, int]:
        """Where tensors leave a box: the last, which is the trunk's, in the middle, the others right and left by turns.

        Their labels have room beside one another.
        """
        if len(gives) < 2:
            return dict.fromkeys(gives, 0)
        ports: dict[int, int] = {gives[-1]: 0}
        reach = dict.fromkeys((1, -1), self._labels[gives[-1]][0])
        for number, key in enumerate(reversed(gives[:-1])):
            side, half = (-1 if number % 2 else 1), self._labels[key][0]
            ports[key] = side * (reach[side] + half)
            reach[side] += 2 * half
        return ports

    def _fork(self, fork: Fork) -> Measured:
        plans = [self.column(column, foot=self._spacing.fork_foot) for column in fork.columns]
        starts: list[int] = []
        x = 0
        for plan in plans:
            starts.append(x + plan.left)
            x += plan.left + plan.right + self._spacing.between
        width, axis = x - self._spacing.between, _fork_axis(fork, starts)
        height = max(plan.height for plan in plans)
        ins: dict[int, tuple[int, ...]] = {}
        outs: dict[int, int] = {}
        for start, plan in zip(starts, plans, strict=True):
            for key, port in plan.ins.items():
                ins[key] = (*ins.get(key, ()), start - axis + port)
            for key, port in plan.outs.items():
                outs[key] = start - axis + port
        tops = [0 if fork.level else (height - plan.height) // 2 for plan in plans]
        inner = tuple((s - axis, top, plan) for s, top, plan in zip(starts, tops, plans, strict=True))
        return Measured(axis, width - axis, height, ins, outs, frozenset(), 0, aside=False, item=fork, inner=inner)

    def _frame(self, frame: Frame) -> Measured:
        plan = self.column(frame.body, framed=True)
        room = self._spacing
        ports = [0, *plan.ins.values()]
        title, more, head, along = room.frame(frame)
        stack = 2 * room.stack if frame.times > 1 else 0
        left = max(plan.left + room.frame_pad + room.over_frame(frame), title - min(ports) if title else 0)
        right = max(plan.right + room.frame_pad, max(ports) + more if more else 0) + stack
        height = max(head + plan.height, along) + stack
        outs, ins = plan.outs, {key: (port,) for key, port in plan.ins.items()}
        return Measured(
            left,
            right,
            height,
            ins,
            outs,
            plan.bare,
            room.above_frame,
            aside=frame.aside and not outs,
            item=frame,
            inner=plan,
        )


def _fork_axis(fork: Fork, starts: list[int]) -> int:
    """Where the trunk passes: along the straight column, else the middle one, else between the first and the last."""
    if fork.straight is not None:
        return starts[fork.straight]
    if len(starts) % 2:
        return starts[len(starts) // 2]
    return (starts[0] + starts[-1]) // 2
