"""A column: things one under another on an upright line, and lanes beside them for what passes by.

Rows alternate: gap 0, item 0, gap 1, item 1, ... gap n. A tensor leaves an item into the gap under it.
If the next item reads it, it goes straight down; whatever is read further on gets a lane, an upright line
beyond everything it passes. All level pieces lie in gaps, on tracks, so that no line ever meets a box.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archlang.draw.tracks import Net, Route, assign_tracks

TRACK = 8
STUB = 4
LABEL = 12
ARROW = 11
_LANE = 11
_SPREAD = 14
_ASIDE = 16


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a thing reaches from its axis, and its ports: where each tensor enters (top) and leaves (bottom).

    `bare` holds the tensors that leave it and whose label is still to be written;
    `above` is the room an arrow needs to enter it.
    """

    left: int
    right: int
    height: int
    ins: Mapping[int, tuple[int, ...]]
    outs: Mapping[int, int]
    bare: frozenset[int]
    above: int
    aside: bool


@dataclass(frozen=True, slots=True)
class Aside:
    """A thing beside the trunk: its place among the column's items, its gap, its axis."""

    index: int
    gap: int
    x: int


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """A column, measured. `ys` are the tops of the items on the trunk, `gaps` those of the gaps.

    `lanes` gives the x of each tensor that has a lane, `arrivals` the gap in which each tensor appears and the x
    it comes down at, `levels` the y of its level piece in a gap, by (gap, key), `bends` the x and the y of one
    before it that some need, `tags` where labels stand.
    """

    left: int
    right: int
    height: int
    ins: Mapping[int, int]
    outs: Mapping[int, int]
    bare: frozenset[int]
    items: tuple[Extent, ...]
    trunk: tuple[int, ...]
    asides: tuple[Aside, ...]
    ys: tuple[int, ...]
    gaps: tuple[int, ...]
    arrivals: Mapping[int, tuple[int, int]]
    lanes: Mapping[int, int]
    levels: Mapping[tuple[int, int], int]
    bends: Mapping[tuple[int, int], tuple[int, int]]
    tags: tuple[tuple[int, int, int], ...]


def plan_column(
    items: Sequence[Extent],
    takes: Sequence[int],
    gives: Sequence[int],
    labels: Mapping[int, int],
    *,
    framed: bool,
    foot: int,
) -> ColumnPlan:
    """Places items in a column. `labels` are half the widths of the tensors' labels; x from the axis, y from the top.

    A `framed` column leaves the label of what leaves it at its end to whoever holds the frame; `foot` is the room
    under everything.
    """
    return _Planner(items, takes, gives, labels, framed, foot).plan()


class _Planner:
    def __init__(
        self,
        items: Sequence[Extent],
        takes: Sequence[int],
        gives: Sequence[int],
        labels: Mapping[int, int],
        framed: bool,
        foot: int,
    ) -> None:
        self.items, self.takes, self.gives, self.labels = tuple(items), takes, gives, labels
        self.framed, self.foot = framed, foot
        self.trunk = tuple(i for i, item in enumerate(items) if not item.aside)
        self.count = len(self.trunk)
        self.asides = self._asides()
        self.uses: dict[int, list[tuple[int, int]]] = {}
        self.births: dict[int, int] = dict.fromkeys(takes, 0)
        self.last: dict[int, int] = {}
        self._read()
        rows = 2 * self.count + 1
        self.right, self.left = [0] * rows, [0] * rows
        self.lanes: dict[int, int] = {}
        self.arrivals: dict[int, tuple[int, int]] = {}

    def _asides(self) -> list[tuple[int, int]]:
        """The index of each thing beside the trunk, and the gap it hangs from."""
        found, gap = [], 0
        for index, item in enumerate(self.items):
            if item.aside:
                found.append((index, gap))
            else:
                gap += 1
        return found

    def _read(self) -> None:
        """Notes where tensors appear (`births`), where they are read (`uses`: gap, item) and where last (`last`)."""
        for position, index in enumerate(self.trunk):
            for key in self.items[index].ins:
                self._use(key, position, index)
            for key in self.items[index].outs:
                self.births[key] = position + 1
                self.last.setdefault(key, position + 1)
        for index, gap in self.asides:
            for key in self.items[index].ins:
                self._use(key, gap, index)
        for key in self.gives:
            self.last[key] = self.count

    def _use(self, key: int, gap: int, index: int) -> None:
        self.uses.setdefault(key, []).append((gap, index))
        self.last[key] = max(self.last.get(key, 0), gap)

    def plan(self) -> ColumnPlan:
        self._reach()
        self._arrive()
        self._lay_lanes()
        asides = self._place_asides()
        heights, tracks = self._gap_heights(asides)
        ys, gaps, height = self._stack(heights, asides)
        levels: dict[tuple[int, int], int] = {}
        bends: dict[tuple[int, int], tuple[int, int]] = {}
        for gap, routes in tracks.items():
            first = gaps[gap] + self._shift[gap] + self._head(gap) + TRACK // 2
            for key, route in routes.items():
                levels[gap, key] = first + TRACK * route.track
                if route.bend:
                    bends[gap, key] = (route.bend[0], first + TRACK * route.bend[1])
        tags = tuple((key, self.arrivals[key][1], gaps[gap] + STUB + LABEL // 2) for gap, key in self._labelled())
        return ColumnPlan(
            left=max([*self.left, 0]),
            right=max([*self.right, 0]),
            height=height,
            ins={key: self.arrivals[key][1] for key in self.takes},
            outs={key: self.lanes.get(key, self.arrivals[key][1]) for key in self.gives},
            bare=frozenset(key for key in self.gives if self._deferred(key)),
            items=self.items,
            trunk=self.trunk,
            asides=tuple(asides),
            ys=tuple(ys),
            gaps=tuple(gaps),
            arrivals=self.arrivals,
            lanes=self.lanes,
            levels=levels,
            bends=bends,
            tags=tags,
        )

    def _deferred(self, key: int) -> bool:
        """Whether the label of a tensor is left to whoever holds this column."""
        gap = self.births[key]
        return self.framed and gap == self.count and gap > 0 and key in self._item_above(gap).bare

    def _item_above(self, gap: int) -> Extent:
        return self.items[self.trunk[gap - 1]]

    def _labelled(self) -> list[tuple[int, int]]:
        return [
            (position + 1, key)
            for position, index in enumerate(self.trunk)
            for key in self.items[index].bare
            if key in self.items[index].outs and not self._deferred(key) and key in self.labels
        ]

    def _reach(self) -> None:
        """How far items and labels reach on both sides, row by row."""
        for position, index in enumerate(self.trunk):
            item, row = self.items[index], 2 * position + 1
            self.left[row], self.right[row] = item.left, item.right
        self._with_label = set()
        for gap, key in self._labelled():
            port, half = self._item_above(gap).outs[key], self.labels[key]
            self.right[2 * gap] = max(self.right[2 * gap], port + half)
            self.left[2 * gap] = max(self.left[2 * gap], half - port)
            self._with_label.add(gap)

    def _arrive(self) -> None:
        """The x at which each tensor appears; those that only pass get their lane's x later."""
        for position, index in enumerate(self.trunk):
            for key, port in self.items[index].outs.items():
                self.arrivals[key] = (position + 1, port)
        taken: set[int] = set()
        first = self.items[self.trunk[0]].ins if self.trunk else {}
        for key in self.takes:
            if key in first or self.last[key] == 0:
                ports = first.get(key, (0,))
                port = _free(0 if len(ports) > 1 else ports[0], taken)
                taken.add(port)
                self.arrivals[key] = (0, port)
        for port in taken:
            self.right[0], self.left[0] = max(self.right[0], port), max(self.left[0], -port)

    def _lay_lanes(self) -> None:
        """A lane beyond everything it passes for each tensor that is read further on, the shortest first."""
        waiting = [key for key in self.births if self.last.get(key, 0) > self.births[key]]
        for key in sorted(waiting, key=lambda k: (self.last[k] - self.births[k], self.births[k])):
            rows = slice(2 * self.births[key], 2 * self.last[key] + 1)
            right, left = max(self.right[rows]) + _LANE, max(self.left[rows]) + _LANE
            ports = self._ports(key)
            pull = sum((port > 0) - (port < 0) for port in ports)
            to_left = pull < 0 or (pull == 0 and left < right)
            left, right = _onto(left, [-port for port in ports]), _onto(right, ports)
            self.lanes[key] = -left if to_left else right
            side = self.left if to_left else self.right
            length = rows.stop - rows.start
            side[rows] = [left if to_left else right] * length
            if key not in self.arrivals:
                self.arrivals[key] = (0, self.lanes[key])

    def _ports(self, key: int) -> list[int]:
        """The x of the ports it goes to and comes from."""
        ports = [port for gap, index in self.uses.get(key, ()) for port in self.items[index].ins[key]]
        return [*ports, self.arrivals[key][1]] if key in self.arrivals else ports

    def _place_asides(self) -> list[Aside]:
        """Each beyond the lanes, to the right, or to the left where the one before is still beside it."""
        placed: list[Aside] = []
        busy = {1: -1, -1: -1}
        for index, gap in self.asides:
            item = self.items[index]
            end, height = 2 * gap, 0
            while end < 2 * self.count and height < item.height:
                end += 1
                height += self.items[self.trunk[end // 2]].height if end % 2 else ARROW
            sign = 1 if busy[1] < 2 * gap or busy[-1] >= 2 * gap else -1
            rows = slice(2 * gap, end + 1)
            near, far = (item.left, item.right) if sign > 0 else (item.right, item.left)
            side = self.right if sign > 0 else self.left
            x = max(side[rows]) + _ASIDE + near
            side[rows] = [x + far] * (end + 1 - 2 * gap)
            busy[sign] = end
            placed.append(Aside(index, gap, sign * x))
        return placed

    def _nets(self, asides: Sequence[Aside]) -> dict[int, list[Net]]:
        """What must be connected in each gap: where each tensor comes down and where it goes on."""
        outs: dict[tuple[int, int], list[int]] = {}
        shifts = {aside.index: aside.x for aside in asides}
        for key, birth in self.births.items():
            uses = self.uses.get(key, ())
            for gap, index in uses:
                ports = [shifts.get(index, 0) + port for port in self.items[index].ins[key]]
                outs.setdefault((gap, key), []).extend(ports)
            lane = self.lanes.get(key)
            if lane is not None:
                outs.setdefault((birth, key), []).append(lane)
                for gap in {gap for gap, _ in uses} - {birth, self.last[key]}:
                    outs[gap, key].append(lane)
        nets: dict[int, list[Net]] = {}
        for (gap, key), ports in outs.items():
            birth, arrival = self.arrivals[key]
            start = arrival if gap == birth else self.lanes[key]
            if any(port != start for port in ports):
                leaving = gap == birth and gap > 0
                nets.setdefault(gap, []).append(Net(key, start, tuple(dict.fromkeys(ports)), leaving))
            elif start in ports:
                nets.setdefault(gap, []).append(Net(key, start, (start,), False))
        return nets

    def _gap_heights(self, asides: Sequence[Aside]) -> tuple[list[int], dict[int, dict[int, Route]]]:
        nets = self._nets(asides)
        tracks = {gap: assign_tracks(found) for gap, found in nets.items()}
        reached = {gap for uses in self.uses.values() for gap, _ in uses}
        heights = []
        for gap in range(self.count + 1):
            levels = 1 + max((route.track for route in tracks.get(gap, {}).values()), default=-1)
            tail = 0
            if gap in reached:
                tail = self.items[self.trunk[gap]].above if gap < self.count else ARROW
            if gap == self.count:
                tail = max(tail, self.foot)
            heights.append(self._head(gap) + levels * TRACK + tail)
        return heights, tracks

    def _head(self, gap: int) -> int:
        """The part of a gap above its tracks: a stub of line and the label, where there is one."""
        if gap in self._with_label:
            return STUB + LABEL
        return STUB if 0 < gap < self.count or (gap and not self.framed) else 0

    def _stack(self, heights: list[int], asides: Sequence[Aside]) -> tuple[list[int], list[int], int]:
        """The y of every item and gap. A gap from which a thing hangs waits until the one before it has ended."""
        self._shift = [0] * (self.count + 1)
        hanging: dict[int, list[Aside]] = {}
        for aside in asides:
            hanging.setdefault(aside.gap, []).append(aside)
        ys: list[int] = []
        gaps: list[int] = []
        ends = {1: 0, -1: 0}
        y = 0
        for gap in range(self.count + 1):
            gaps.append(y)
            for aside in hanging.get(gap, ()):
                sign = 1 if aside.x > 0 else -1
                self._shift[gap] = max(self._shift[gap], ends[sign] - y - self._head(gap))
                ends[sign] = y + self._shift[gap] + heights[gap] + self.items[aside.index].height
            y += self._shift[gap] + heights[gap]
            ys.append(y)
            if gap < self.count:
                y += self.items[self.trunk[gap]].height
        return ys, gaps, max(y, *(end + self.foot if end else 0 for end in ends.values()))


def _free(port: int, taken: set[int]) -> int:
    """The nearest x to `port` that no other tensor enters at."""
    step = 0
    while port in taken:
        step = -step if step > 0 else -step + _SPREAD
        if port + step not in taken:
            return port + step
    return port


def _onto(x: int, ports: list[int]) -> int:
    """A port a little further out, so that the line runs straight into it, or `x` itself."""
    return next((port for port in ports if x <= port <= x + 3 * _LANE), x)
