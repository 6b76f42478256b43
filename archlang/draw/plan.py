"""Measured things: how far each reaches, where tensors enter and leave it, and how a column stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a thing reaches from its axis, and its ports: where each tensor enters (top) and leaves (bottom).

    `bare` holds the tensors that leave it and whose label is still to be written;
    `above` is the room an arrow needs to enter it; an `aside` thing stands beside the trunk.
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
