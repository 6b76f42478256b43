"""Level pieces in a gap: which tensors may share a height, and which must lie above which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Net:
    """One tensor in one gap: it comes down at x = `start` and goes on at each x of `ends`.

    `leaving` says that it comes from the item above the gap.
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


def assign_tracks(nets: Sequence[Net]) -> dict[int, int]:
    """The track of each tensor that needs one, counted from the top of the gap."""
    order = sorted((net for net in nets if not net.straight), key=lambda net: (not net.leaving, net.high - net.low))
    ends: dict[int, list[Net]] = {}
    for net in order:
        for x in net.ends:
            ends.setdefault(x, []).append(net)
    tracks: dict[int, int] = {}
    on_track: list[list[Net]] = []
    pending = {net.key for net in order}
    while order:
        net = next((n for n in order if not _blocked(n, ends, pending)), order[0])
        order.remove(net)
        pending.discard(net.key)
        above = [tracks[a.key] for a in nets if a.key in tracks and _above(a, net)]
        track = max(above, default=-1) + 1
        while track < len(on_track) and any(_clash(net, other) for other in on_track[track]):
            track += 1
        if track == len(on_track):
            on_track.append([])
        on_track[track].append(net)
        tracks[net.key] = track
    return tracks


def _above(upper: Net, lower: Net) -> bool:
    """Whether `upper` must lie above `lower`: it comes down where `lower` goes on."""
    return upper is not lower and upper.start in lower.ends and upper.start not in upper.ends


def _blocked(net: Net, ends: dict[int, list[Net]], pending: set[int]) -> bool:
    """Whether a net that must lie above this one still waits."""
    return any(_above(other, net) for x in net.ends for other in _starting(x, ends, pending))


def _starting(x: int, ends: dict[int, list[Net]], pending: set[int]) -> list[Net]:
    return [net for found in ends.values() for net in found if net.key in pending and net.start == x]


def _clash(one: Net, other: Net) -> bool:
    """Whether two level pieces would touch and mean different things; two into one port may meet."""
    if one.high < other.low or other.high < one.low:
        return False
    return not (len(one.ends) == 1 and one.ends == other.ends)
