"""Level pieces in a gap: which tensors may share a height, and which must lie above which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Net:
    """One tensor in one gap: it comes down at x = `start` and goes on at each x of `ends`.

    `leaving` says that it comes from the item above the gap. No two start at one x.
    """

    key: int
    start: int
    ends: tuple[int, ...]
    leaving: bool

    @property
    def low(self) -> int:
        """The leftmost x."""
        return min(self.start, *self.ends)

    @property
    def high(self) -> int:
        """The rightmost x."""
        return max(self.start, *self.ends)

    @property
    def straight(self) -> bool:
        """Whether it needs no level piece."""
        return self.low == self.high


@dataclass(frozen=True, slots=True)
class Route:
    """The track of a tensor, counted from the top of the gap; with a `bend`, an x and the track before it, first."""

    track: int
    bend: tuple[int, int] | None = None


def assign_tracks(nets: Sequence[Net], give_way: int) -> dict[int, Route]:
    """The route of each tensor that needs a level piece.

    A tensor that comes down where another goes on lies above it; where that goes round in a circle, one of them
    gives way to the side, by `give_way` or a multiple.
    """
    waiting = sorted((net for net in nets if not net.straight), key=lambda net: (not net.leaving, net.high - net.low))
    taken = {x for net in nets for x in (net.start, *net.ends)}
    placed: list[tuple[Net, int]] = []
    routes: dict[int, Route] = {}
    while waiting:
        starts = {net.start: net for net in waiting}
        index = next((i for i, net in enumerate(waiting) if not _blocked(net, starts)), None)
        if index is not None:
            net = waiting.pop(index)
            bend = routes[net.key].bend if net.key in routes else None
            track = _track(net, placed, bend[1] + 1 if bend else 0)
            routes[net.key] = Route(track, bend)
        else:
            index = next(i for i, net in enumerate(waiting) if _in_circle(net, starts))
            whole = waiting[index]
            x = _beside(whole, taken, give_way)
            taken.add(x)
            net = Net(whole.key, whole.start, (x,), whole.leaving)
            waiting[index] = Net(whole.key, x, whole.ends, whole.leaving)
            track = _track(net, placed, 0)
            routes[net.key] = Route(track, (x, track))
        placed.append((net, track))
    return routes


def _above(upper: Net, lower: Net) -> bool:
    """Whether `upper` must lie above `lower`: it comes down where `lower` goes on."""
    return upper.key != lower.key and upper.start in lower.ends


def _blocked(net: Net, starts: dict[int, Net]) -> bool:
    """Whether a net that must lie above this one still waits."""
    return bool(_uppers(net, starts))


def _uppers(net: Net, starts: dict[int, Net]) -> list[Net]:
    """The nets that wait and must lie above this one."""
    return [starts[x] for x in net.ends if x in starts and _above(starts[x], net)]


def _in_circle(net: Net, starts: dict[int, Net]) -> bool:
    """Whether a net must lie above one that must lie above it."""
    todo, seen = [net], {net.key}
    while todo:
        for upper in _uppers(todo.pop(), starts):
            if upper.key == net.key:
                return True
            if upper.key not in seen:
                seen.add(upper.key)
                todo.append(upper)
    return False


def _track(net: Net, placed: Sequence[tuple[Net, int]], least: int) -> int:
    """The highest track on which it touches nothing and lies below whatever must be above it."""
    track = max([least, *(level + 1 for other, level in placed if _above(other, net))])
    while any(level == track and _clash(net, other) for other, level in placed):
        track += 1
    return track


def _clash(one: Net, other: Net) -> bool:
    """Whether two level pieces would touch and mean different things; two into one port may meet."""
    if one.high < other.low or other.high < one.low:
        return False
    return not (len(one.ends) == 1 and one.ends == other.ends)


def _beside(net: Net, taken: set[int], step: int) -> int:
    """An x near its first end where nothing comes down or goes on."""
    x = net.ends[0]
    toward = 1 if net.start > x else -1
    while x in taken:
        x += toward * step
    return x
