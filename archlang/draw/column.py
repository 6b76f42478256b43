"""A column: things one under another on an upright line, and lanes beside them for what passes by.

Rows alternate: gap 0, item 0, gap 1, item 1, ... gap n. A tensor leaves an item into the gap under it.
If the next item reads it, it goes straight down; whatever is read further on gets a lane, an upright line
beyond everything it passes. All level pieces lie in gaps, on tracks, so that no line ever meets a box.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archlang.draw.plan import Aside, ColumnPlan, Extent
from archlang.draw.spacing import Spacing
from archlang.draw.tracks import Net, Route, assign_tracks
from archlang.draw.wires import read_wires


class ColumnPlanner:
    """Places items in a column; x is measured from the axis, y from the top.

    `labels` are the room of the tensors' labels, as `Spacing.label` has it.

    A `framed` column leaves the label of what leaves it at its end to whoever holds the frame; `foot` is the room
    under everything.
    """

    def __init__(
        self,
        items: Sequence[Extent],
        takes: Sequence[int],
        gives: Sequence[int],
        labels: Mapping[int, tuple[int, int]],
        spacing: Spacing,
        *,
        framed: bool,
        foot: int,
    ) -> None:
        self.items, self.takes, self.gives, self.labels = tuple(items), takes, gives, labels
        self.spacing, self.framed, self.foot = spacing, framed, foot
        self.wires = read_wires(self.items, takes, gives)
        self.count = len(self.wires.trunk)
        rows = 2 * self.count + 1
        self.right, self.left = [0] * rows, [0] * rows
        self.lanes: dict[int, int] = {}
        self.arrivals: dict[int, tuple[int, int]] = {}
        self.labelled = self._labelled()
        self.label_room: dict[int, int] = {}
        for gap, key in self.labelled:
            self.label_room[gap] = max(self.label_room.get(gap, 0), labels[key][1])

    def plan(self) -> ColumnPlan:
        """Where everything in the column is."""
        self._reach()
        self._arrive()
        self._lay_lanes()
        asides = self._place_asides()
        tracks = {gap: assign_tracks(nets, self.spacing.give_way) for gap, nets in self._nets(asides).items()}
        ys, gaps, drops, height = self._stack(self._gap_heights(tracks), asides)
        levels: dict[tuple[int, int], int] = {}
        bends: dict[tuple[int, int], tuple[int, int]] = {}
        for gap, routes in tracks.items():
            first = gaps[gap] + drops[gap] + self._head(gap) + self.spacing.track // 2
            for key, route in routes.items():
                levels[gap, key] = first + self.spacing.track * route.track
                if route.bend:
                    bends[gap, key] = (route.bend[0], first + self.spacing.track * route.bend[1])
        tags = tuple(
            (key, self.arrivals[key][1], gaps[gap] + self.spacing.stub + self.label_room[gap] // 2)
            for gap, key in self.labelled
        )
        return ColumnPlan(
            left=max([*self.left, 0]),
            right=max([*self.right, 0]),
            height=height,
            ins={key: self.arrivals[key][1] for key in self.takes},
            outs={key: self.lanes.get(key, self.arrivals[key][1]) for key in self.gives},
            bare=frozenset(key for key in self.gives if self._deferred(key)),
            items=self.items,
            trunk=self.wires.trunk,
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
        gap = self.wires.births[key]
        return self.framed and gap == self.count and gap > 0 and key in self._item_above(gap).bare

    def _item_above(self, gap: int) -> Extent:
        return self.items[self.wires.trunk[gap - 1]]

    def _labelled(self) -> list[tuple[int, int]]:
        return [
            (position + 1, key)
            for position, index in enumerate(self.wires.trunk)
            for key in self.items[index].outs
            if key in self.items[index].bare and not self._deferred(key) and key in self.labels
        ]

    def _reach(self) -> None:
        """How far items and labels reach on both sides, row by row."""
        for position, index in enumerate(self.wires.trunk):
            item, row = self.items[index], 2 * position + 1
            self.left[row], self.right[row] = item.left, item.right
        for gap, key in self.labelled:
            port, half = self._item_above(gap).outs[key], self.labels[key][0]
            self.right[2 * gap] = max(self.right[2 * gap], port + half)
            self.left[2 * gap] = max(self.left[2 * gap], half - port)

    def _arrive(self) -> None:
        """The x at which each tensor appears; those that only pass get their lane's x later."""
        for position, index in enumerate(self.wires.trunk):
            for key, port in self.items[index].outs.items():
                self.arrivals[key] = (position + 1, port)
        taken: set[int] = set()
        none: Mapping[int, tuple[int, ...]] = {}
        first = self.items[self.wires.trunk[0]].ins if self.wires.trunk else none
        for key in self.takes:
            if key in first or self.wires.last[key] == 0:
                ports = first.get(key, ())
                port = _free(ports[0] if len(ports) == 1 else 0, taken, self.spacing.spread)
                taken.add(port)
                self.arrivals[key] = (0, port)
        for port in taken:
            self.right[0], self.left[0] = max(self.right[0], port), max(self.left[0], -port)

    def _lay_lanes(self) -> None:
        """A lane beyond everything it passes for each tensor that is read further on, the shortest first."""
        waiting = [key for key in self.wires.births if self.wires.last.get(key, 0) > self.wires.births[key]]
        for key in sorted(waiting, key=lambda k: (self.wires.last[k] - self.wires.births[k], self.wires.births[k])):
            rows = slice(2 * self.wires.births[key], 2 * self.wires.last[key] + 1)
            right, left = max(self.right[rows]) + self.spacing.lane, max(self.left[rows]) + self.spacing.lane
            ports = self._ports(key)
            pull = sum((port > 0) - (port < 0) for port in ports)
            to_left = pull < 0 or (pull == 0 and left < right)
            left, right = (
                _onto(left, [-port for port in ports], self.spacing.lane),
                _onto(right, ports, self.spacing.lane),
            )
            self.lanes[key] = -left if to_left else right
            side = self.left if to_left else self.right
            length = rows.stop - rows.start
            side[rows] = [left if to_left else right] * length
            if key not in self.arrivals:
                self.arrivals[key] = (0, self.lanes[key])

    def _ports(self, key: int) -> list[int]:
        """The x of the ports it goes to and comes from."""
        ports = [port for _, index in self.wires.uses.get(key, ()) for port in self.items[index].ins[key]]
        return [*ports, self.arrivals[key][1]] if key in self.arrivals else ports

    def _place_asides(self) -> list[Aside]:
        """Each beyond the lanes, to the right, or to the left where the one before is still beside it."""
        placed: list[Aside] = []
        busy = {1: -1, -1: -1}
        for index, gap in self.wires.asides:
            item = self.items[index]
            end, height = 2 * gap, 0
            while end < 2 * self.count and height < item.height:
                end += 1
                height += self.items[self.wires.trunk[end // 2]].height if end % 2 else self.spacing.arrow
            sign = 1 if busy[1] < 2 * gap or busy[-1] >= 2 * gap else -1
            rows = slice(2 * gap, end + 1)
            near, far = (item.left, item.right) if sign > 0 else (item.right, item.left)
            side = self.right if sign > 0 else self.left
            x = max(side[rows]) + self.spacing.aside + near
            side[rows] = [x + far] * (end + 1 - 2 * gap)
            busy[sign] = end
            placed.append(Aside(index, gap, sign * x))
        return placed

    def _nets(self, asides: Sequence[Aside]) -> dict[int, list[Net]]:
        """What must be connected in each gap: where each tensor comes down and where it goes on."""
        births, last = self.wires.births, self.wires.last
        outs: dict[tuple[int, int], list[int]] = {}
        shifts = {aside.index: aside.x for aside in asides}
        for key, birth in births.items():
            uses = self.wires.uses.get(key, ())
            for gap, index in uses:
                ports = [shifts.get(index, 0) + port for port in self.items[index].ins[key]]
                outs.setdefault((gap, key), []).extend(ports)
            lane = self.lanes.get(key)
            if lane is not None:
                outs.setdefault((birth, key), []).append(lane)
                for gap in {gap for gap, _ in uses} - {birth, last[key]}:
                    outs[gap, key].append(lane)
        nets: dict[int, list[Net]] = {}
        for (gap, key), ports in outs.items():
            birth, arrival = self.arrivals[key]
            start = arrival if gap == birth else self.lanes[key]
            if any(port != start for port in ports):
                leaving = gap == birth and gap > 0
                nets.setdefault(gap, []).append(Net(key, start, tuple(dict.fromkeys(ports)), leaving=leaving))
            elif start in ports:
                nets.setdefault(gap, []).append(Net(key, start, (start,), leaving=False))
        return nets

    def _gap_heights(self, tracks: Mapping[int, Mapping[int, Route]]) -> list[int]:
        """The height of each gap: its label, its tracks, the room for an arrow."""
        reached = {gap for uses in self.wires.uses.values() for gap, _ in uses}
        heights: list[int] = []
        for gap in range(self.count + 1):
            levels = 1 + max((route.track for route in tracks.get(gap, {}).values()), default=-1)
            tail = 0
            if gap in reached:
                tail = self.items[self.wires.trunk[gap]].above if gap < self.count else self.spacing.arrow
            if gap == self.count:
                tail = max(tail, self.foot)
            heights.append(self._head(gap) + levels * self.spacing.track + tail)
        return heights

    def _head(self, gap: int) -> int:
        """The part of a gap above its tracks: a stub of line and the label, where there is one."""
        if gap in self.label_room:
            return self.spacing.stub + self.label_room[gap]
        return self.spacing.stub if 0 < gap < self.count or (gap and not self.framed) else 0

    def _stack(self, heights: Sequence[int], asides: Sequence[Aside]) -> tuple[list[int], list[int], list[int], int]:
        """The y of every item and gap, how far the tracks of each gap drop, and the height of it all.

        They drop where a thing hangs from a gap beside which the one before it has not ended yet.
        """
        hanging: dict[int, list[Aside]] = {}
        for aside in asides:
            hanging.setdefault(aside.gap, []).append(aside)
        ys: list[int] = []
        gaps: list[int] = []
        drops: list[int] = []
        ends = {True: 0, False: 0}
        y = 0
        for gap, height in enumerate(heights):
            gaps.append(y)
            here = hanging.get(gap, ())
            drops.append(max([0, *(ends[aside.x > 0] - y - self._head(gap) for aside in here)]))
            y += drops[gap] + height
            for aside in here:
                ends[aside.x > 0] = max(ends[aside.x > 0], y + self.items[aside.index].height)
            ys.append(y)
            if gap < self.count:
                y += self.items[self.wires.trunk[gap]].height
        return ys, gaps, drops, max([y, *(end + self.foot for end in ends.values() if end)])


def _free(port: int, taken: set[int], spread: int) -> int:
    """The nearest x to `port` that no other tensor enters at."""
    step = 0
    while port in taken:
        step = -step if step > 0 else -step + spread
        if port + step not in taken:
            return port + step
    return port


def _onto(x: int, ports: list[int], lane: int) -> int:
    """A port close by, so that the line runs straight into it, or `x` itself."""
    return next((port for port in ports if x - lane // 2 <= port <= x + 3 * lane), x)
