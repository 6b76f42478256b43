"""A scene with a place for everything, in whole pixels from the top left corner."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from archlang.draw.boxtext import Writing
from archlang.draw.scene import Box, Frame, Scene

Point = tuple[int, int]

RESULT = -1
"""The target of an edge that leaves the network."""


@dataclass(frozen=True, slots=True)
class PlacedBox:
    """A box, its text, its corner and its size."""

    box: Box
    writing: Writing
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class PlacedFrame:
    """A frame. `depth` is how many frames hold it; `inside` the keys of the boxes it holds."""

    frame: Frame
    x: int
    y: int
    width: int
    height: int
    depth: int
    inside: frozenset[int]


@dataclass(frozen=True, slots=True)
class Edge:
    """A tensor on its way from the box that makes it to one that reads it (or `RESULT`): upright and level pieces."""

    source: int
    target: int
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Tag:
    """What is written on a tensor, around its middle. `depth` counts the frames around it."""

    key: int
    text: str
    x: int
    y: int
    depth: int


@dataclass(frozen=True)
class Picture:
    """Everything in place. `axis` is the x of the trunk, or its y where the network runs `rightwards`."""

    scene: Scene
    width: int
    height: int
    axis: int
    boxes: tuple[PlacedBox, ...]
    frames: tuple[PlacedFrame, ...]
    edges: tuple[Edge, ...]
    tags: tuple[Tag, ...]
    rightwards: bool = False

    @cached_property
    def _dashed(self) -> frozenset[int]:
        return frozenset(placed.box.key for placed in self.boxes if placed.box.dashed)

    @cached_property
    def sized(self) -> dict[int, set[int]]:
        """For each tensor the boxes that take its size alone."""
        found: dict[int, set[int]] = {}
        for placed in self.boxes:
            for key in placed.box.sizes:
                found.setdefault(key, set()).add(placed.box.key)
        return found

    def dashed(self, edge: Edge) -> bool:
        """Whether an edge belongs to what only training runs."""
        return edge.source in self._dashed or edge.target in self._dashed
