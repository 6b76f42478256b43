"""The legend: each family that occurs, once, in rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from archlang.draw.metrics import clean, text_width
from archlang.draw.theme import LEGEND_SIZE

_ROW = 16
_SWATCH = 14
_APART = 14


@dataclass(frozen=True, slots=True)
class Swatch:
    """One entry: the family, and its corner from the legend's own."""

    family: str
    x: int
    y: int


def legend(families: Iterable[str], width: int) -> tuple[list[Swatch], int]:
    """The entries, wrapped to `width`, and the height of them all."""
    swatches: list[Swatch] = []
    x = y = 0
    for family in dict.fromkeys(families):
        need = _SWATCH + text_width(clean(family), LEGEND_SIZE)
        if x and x + need > width:
            x, y = 0, y + _ROW
        swatches.append(Swatch(family, x, y))
        x += need + _APART
    return swatches, y + _ROW if swatches else 0
