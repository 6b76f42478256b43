"""A figure for a paper's column: the trunk, and beside it every distinct block, drawn once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from archlang.draw.compose import compose
from archlang.draw.cut import cut, opened
from archlang.draw.insets import told_once
from archlang.draw.layout import layout
from archlang.draw.legend import legend
from archlang.draw.marks import opening, text_mark
from archlang.draw.metrics import clean, text_width
from archlang.draw.picture import Picture
from archlang.draw.render import footprint, network_marks, swatch_mark
from archlang.draw.scene import CLOSED, boxes
from archlang.draw.spacing import DOWN, RIGHT
from archlang.draw.theme import FRAME_SIZE, FRAMES, INK, MUTED, PAGE, RULE, kin, paint
from archlang.ir.network import Network

WIDTH = 84.0
"""A column's width in millimetres, if nobody says."""

_PIXELS = 96 / 25.4  # to a millimetre
HEIGHT = 230.0
"""The height of a page's text in millimetres, likewise."""

_MOST_COLUMNS = 5
_APART = 18
_HEAD = 16
_PAPER = {
    PAGE: "#FFFFFF",
    FRAMES[0]: "#F4F4F4",
    FRAMES[1]: "#FFFFFF",
    INK: "#222222",
    MUTED: "#555555",
    RULE: "#AAAAAA",
}
_GREYS = {
    "conv": ("#FFFFFF", "1.5", ""),
    "deconv": ("#FFFFFF", "1.5", "5 1.5"),
    "fc": ("#CFCFCF", "1.5", ""),
    "lstm": ("#CFCFCF", "1.5", "5 1.5"),
    "input": ("#F2F2F2", "0.7", ""),
    "softmax": ("#B8B8B8", "0.7", ""),
    "pool": ("#E4E4E4", "0.7", ""),
    "concat": ("#FFFFFF", "0.7", "1.5 1.5"),
    "add": ("#FFFFFF", "0.7", "1.5 1.5"),
    "mul": ("#FFFFFF", "0.7", "1.5 1.5"),
    CLOSED: ("#FFFFFF", "2.4", ""),
}
_OTHER = ("#FFFFFF", "0.7", "")


@dataclass(frozen=True, slots=True)
class _Panel:
    """One picture of the figure, its name over it, and where its corner is."""

    picture: Picture
    name: str
    x: int
    y: int

    @property
    def size(self) -> tuple[int, int]:
        """Its width and height with its name."""
        width, height = footprint(self.picture)
        head = _HEAD if self.name else 0
        return max(width, text_width(self.name, FRAME_SIZE, bold=True)), height + head


def paper(
    network: Network,
    width: float = WIDTH,
    height: float = HEIGHT,
    *,
    expand: bool = False,
    right: bool = False,
    mono: bool = False,
) -> tuple[str, tuple[int, int]]:
    """The figure as SVG text, and its width and height in pixels; `width` and `height`, in millimetres, are the most.

    A trunk that is too long stands in columns where that leaves the letters larger. `mono` tells families apart by
    greys and by the weight and the dashes of borders. What fits is not made larger.
    """
    told = told_once(compose(network, expand=expand))
    spacing = RIGHT if right else DOWN
    trunk = layout(told.trunk, spacing)
    insets = [(layout(scene, spacing), clean(scene.title)) for scene in told.insets]
    room, tall = width * _PIXELS, height * _PIXELS
    trunks = [[trunk]]
    if not right:
        bare = layout(opened(told.trunk))
        trunks += [[layout(piece) for piece in cut(bare, pieces)] for pieces in range(2, _MOST_COLUMNS + 1)]

    def worse(found: _Found) -> tuple[float, int, float]:
        """By how much it is too large; then how often it is cut; then how much room it takes."""
        excess = max(found[1] / room, found[2] / tall)
        return max(1.0, round(excess, 2)), sum(not panel.name for panel in found[0]), excess

    panels, inner, bottom = min(
        (
            found
            for one in trunks
            for found in (_beside(one, insets), *(_below(one, insets, rows=r) for r in (True, False)))
        ),
        key=worse,
    )
    families = dict.fromkeys(kin(box.family) for panel in panels for box in boxes(panel.picture.scene.body))
    swatches, foot = legend((name for name in families if name != CLOSED), inner - 4)
    body = [mark for panel in panels for mark in _marks(panel)]
    body += [swatch_mark(swatch, 2, bottom + _APART // 2) for swatch in swatches]
    whole = bottom + _APART + foot
    scale = min(1.0, room / inner, tall / whole)
    size = round(inner * scale), round(whole * scale)
    text = "\n".join(
        [
            *opening(clean(told.trunk.title, 60), size, INK, PAGE, (inner, whole)),
            *body,
            "</svg>",
            "",
        ]
    )
    return (_in_greys(text, families) if mono else _recoloured(text)), size


def _marks(panel: _Panel) -> list[str]:
    head = _HEAD if panel.name else 0
    title = [text_mark(panel.x, panel.y + 7, panel.name, FRAME_SIZE, bold=True, kind="name")] if panel.name else []
    inside = f'<g class="network" transform="translate({panel.x}.5 {panel.y + head}.5)">'
    return [*title, inside, *network_marks(panel.picture), "</g>"]


_Found = tuple[list[_Panel], int, int]
_Insets = Sequence[tuple[Picture, str]]


def _in_columns(trunk: Sequence[Picture]) -> _Found:
    """The pieces of the trunk side by side."""
    panels: list[_Panel] = []
    x, tall = 1, 0
    for picture in trunk:
        panels.append(_Panel(picture, "", x, 1))
        width, height = panels[-1].size
        x, tall = x + width + _APART, max(tall, height)
    return panels, x - _APART - 1, tall


def _beside(trunk: Sequence[Picture], insets: _Insets) -> _Found:
    """The blocks at the right of the trunk, one under another, in as many columns as they need to be no longer."""
    panels, width, tall = _in_columns(trunk)
    tall = max([tall, *(_Panel(picture, name, 0, 0).size[1] for picture, name in insets)])
    x, y, right = width + 1 + _APART, 1, width + 1
    for picture, name in insets:
        panel = _Panel(picture, name, x, y)
        if y > 1 and y + panel.size[1] > tall:
            panel = _Panel(picture, name, right + _APART, 1)
        panels.append(panel)
        x, y = panel.x, panel.y + panel.size[1] + _APART
        right = max(right, x + panel.size[0])
    return panels, right + 2, tall + 4


def _below(trunk: Sequence[Picture], insets: _Insets, *, rows: bool = True) -> _Found:
    """The blocks behind and under the trunk: in rows as wide as the widest of all, or one under another."""
    panels, wide, bottom = _in_columns(trunk)
    widest = max([wide, *(_Panel(picture, name, 0, 0).size[0] for picture, name in insets)])
    x, y, row = wide + _APART, 1, bottom
    right = wide
    for picture, name in insets:
        panel = _Panel(picture, name, x, y)
        if x > 1 and (not rows or x + panel.size[0] > widest + 1):
            x, y, row = 1, y + row + _APART, 0
            panel = _Panel(picture, name, x, y)
        panels.append(panel)
        x, row = x + panel.size[0] + _APART, max(row, panel.size[1])
        right, bottom = max(right, x - _APART), max(bottom, y + panel.size[1])
    return panels, right + 3, bottom + 4


_COLOUR = re.compile(r'(fill|stroke)="(#[0-9A-F]{6})"')
_TAG = re.compile(r"<(rect|text|path) [^>]*>")
_BORDER = re.compile(r' stroke(?:-width)?="[^"]*"')


def _recoloured(text: str) -> str:
    """Everything on white, in the colours of its family."""
    return _COLOUR.sub(lambda found: f'{found[1]}="{_PAPER.get(found[2], found[2])}"', text)


def _in_greys(text: str, families: Iterable[str]) -> str:
    """Every box by its family in white or grey, with the border that goes with it; all else in black on white."""
    by_fill = {paint(family).fill: _GREYS.get(family, _OTHER) for family in families}

    def grey(found: re.Match[str]) -> str:
        tag = found[0]
        fill = next((value for name, value in _COLOUR.findall(tag) if name == "fill"), "")
        if found[1] == "rect" and fill in by_fill:
            return _bordered(tag, fill, *by_fill[fill])
        if found[1] == "text" and fill not in ("", PAGE, MUTED):
            return tag.replace(fill, INK)
        return _COLOUR.sub(f'stroke="{INK}"', tag) if found[1] == "path" and 'fill="' not in tag else tag

    return _recoloured(_TAG.sub(grey, text))


def _bordered(tag: str, old: str, fill: str, weight: str, dashes: str) -> str:
    """A box's rectangle in a grey, with its border; that of what only training runs keeps its own dashes."""
    more = f' stroke-dasharray="{dashes}"' if dashes and "dasharray" not in tag else ""
    bare = _BORDER.sub("", tag).removesuffix("/>").replace(f'"{old}"', f'"{fill}"')
    return f'{bare} stroke="{INK}" stroke-width="{weight}"{more}/>'
