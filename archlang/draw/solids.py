"""Tensors as solids: how big each is drawn, and its three faces."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

from archlang.ops.op import Shape

_HEIGHT = 104  # of the largest map
_DEEP = 52  # of the most channels
_BAR = 112  # of the most features
_LEAST_SIDE = 4
_LEAST_DEPTH = 3
_BAR_WIDTH = 9
_SLANT = 0.32  # of a side that runs away from the reader, across and up


@dataclass(frozen=True, slots=True)
class Solid:
    """A tensor's size on paper, in pixels: `deep` along the network, `high`, and `away` from the reader."""

    deep: int
    high: int
    away: int

    @property
    def width(self) -> int:
        """From its left edge to its right."""
        return self.deep + self.slant

    @property
    def height(self) -> int:
        """From its top to its bottom."""
        return self.high + self.slant

    @property
    def slant(self) -> int:
        """How far its back is right of and above its front."""
        return round(_SLANT * self.away)


class Scale:
    """Sizes of tensors on paper, by the largest that there are: square roots, so that small ones are still seen."""

    def __init__(self, shapes: Iterable[Shape]) -> None:
        known = [[size if isinstance(size, int) else 0 for size in shape] for shape in shapes]
        maps = [shape for shape in known if len(shape) == 3]
        self._side = max([1, *(size for shape in maps for size in shape[1:])])
        self._channels = max([1, *(shape[0] for shape in maps)])
        self._features = max([1, *(shape[-1] for shape in known if len(shape) == 1)])
        self._sheet = max([1, *(size for shape in known if len(shape) not in (1, 3) for size in shape)])

    def solid(self, shape: Shape) -> Solid:
        """Of a map a block, of features a bar, of a sequence a sheet. What is not a number is drawn at half of all."""
        match shape:
            case (features,):
                return Solid(_BAR_WIDTH, _scaled(features, self._features, _BAR), 0)
            case (channels, height, width):
                deep = _scaled(channels, self._channels, _DEEP, _LEAST_DEPTH)
                return Solid(deep, _scaled(height, self._side, _HEIGHT), _scaled(width, self._side, _HEIGHT))
            case (first, *_, last):
                return Solid(_LEAST_DEPTH, _scaled(first, self._sheet, _HEIGHT), _scaled(last, self._sheet, _HEIGHT))
            case _:
                return Solid(_LEAST_DEPTH, _LEAST_SIDE, 0)


def _scaled(size: object, most: int, room: int, least: int = _LEAST_SIDE) -> int:
    share = sqrt(size / most) if isinstance(size, int) else 0.5
    return max(least, round(room * share))


def faces(solid: Solid, left: float, top: float) -> tuple[str, str, str]:
    """The outlines of the front, the upper side and the right side, as SVG paths; `top` is the top of its back."""
    slant = solid.slant
    right, low, front = left + solid.deep, top + solid.height, top + slant
    return (
        f"M{left:g} {front:g}L{right:g} {front:g}L{right:g} {low:g}L{left:g} {low:g}Z",
        f"M{left:g} {front:g}L{left + slant:g} {top:g}L{right + slant:g} {top:g}L{right:g} {front:g}Z",
        f"M{right:g} {front:g}L{right + slant:g} {top:g}L{right + slant:g} {low - slant:g}L{right:g} {low:g}Z",
    )
