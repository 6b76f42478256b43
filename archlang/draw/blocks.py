"""A network as the tensors it makes, boxes in space one behind another, as the papers of AlexNet and VGG draw it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from archlang.draw.boxtext import Line, Writing, packed
from archlang.draw.compose import compose
from archlang.draw.layout import layout
from archlang.draw.legend import legend
from archlang.draw.marks import dash, edge_mark, escape, opening, text_mark
from archlang.draw.metrics import clean, text_width
from archlang.draw.picture import RESULT, Picture, PlacedBox, PlacedFrame
from archlang.draw.scene import Box, Frame, boxes
from archlang.draw.solids import Scale, Solid, faces
from archlang.draw.spacing import Turned
from archlang.draw.theme import FRAME_SIZE, FRAME_TITLE, LEGEND_SIZE, SUBTITLE_SIZE, TITLE_SIZE, kin, mixed, paint
from archlang.ir.network import Network

_INK, _MUTED, _RULE, _PAGE = "#333333", "#6B6B6B", "#B8B8B8", "#FFFFFF"
_NAME, _SMALL = 8.5, 7
_MARGIN, _HEAD = 18, 50
_GAP = 6
_ROW = 10
_SLABS = 3  # so many copies of a repeat are drawn, one before another
_SAID = (
    "A block is a map of features: its sides are drawn by the square root of height and width, its depth by that "
    "of the channels; a bar is a vector, a sheet a sequence."
)


def blocks(network: Network, *, expand: bool = False) -> tuple[str, tuple[int, int]]:
    """The picture as SVG text, and its width and height in pixels.

    Every layer stands over the arrow that leads to the tensor it makes, what the tensor is under it. `expand` draws
    every copy of a repeat; else up to three stand for all.
    """
    scene = compose(network, expand=expand)
    shapes = {box.key: network.shapes[box.key] for box in boxes(scene.body)}
    scale = Scale(shapes.values())
    room = _Blocks(solids={key: scale.solid(shape) for key, shape in shapes.items()}, under=scene.labels)
    picture = layout(replace(scene, labels={}), room)
    return _page(picture, room)


@dataclass(frozen=True, slots=True)
class _Blocks(Turned):
    """The room of solids: the name of a layer over its arrow, the solid behind it, what it is under both."""

    fork_foot: int = 6
    arrow: int = 1
    above_frame: int = 1
    stub: int = 2
    stack: int = 0
    between: int = 6
    frame_pad: int = 7
    solids: Mapping[int, Solid] = field(default_factory=dict[int, Solid])
    under: Mapping[int, str] = field(default_factory=dict[int, str])

    def writing(self, box: Box) -> Writing:
        """The texts: first those over the arrow, at last the tensor's."""
        names = [clean(box.rows[box.main].text) + (f" x{box.times}" if box.times > 1 else "")]
        small = packed(tuple(row for index, row in enumerate(box.rows) if index != box.main))
        small = [clean(box.note), *small] if box.note else small
        solid = self.solids[box.key]
        lines = [Line(names[0], _NAME, 0, bold=True), *(Line(text, _SMALL, 0) for text in small)]
        over = max(text_width(line.text, line.size, bold=line.bold) for line in lines)
        lines.append(Line(clean(self.under.get(box.key, "")), _SMALL, 0))
        width = max(over + 2 * _GAP + reach(box, solid), text_width(lines[-1].text, _SMALL) + 4)
        half = max(solid.height // 2 + _ROW + 3, _ROW * max(2, len(small) + 1) + 4)
        return Writing(tuple(lines), width + width % 2, 2 * half)


def reach(box: Box, solid: Solid) -> int:
    """How wide all copies of a solid are."""
    return solid.width + (min(box.times, _SLABS) - 1) * _step(solid)


def _step(solid: Solid) -> int:
    return solid.deep + 3


def _page(picture: Picture, room: _Blocks) -> tuple[str, tuple[int, int]]:
    scene = picture.scene
    title = clean(scene.title, 60)
    names = [text_width(clean(name, 20), _NAME, bold=True) + _GAP for name in scene.results.values()]
    inner = max(
        picture.width + max(names, default=0),
        text_width(title, TITLE_SIZE, bold=True),
        text_width(scene.subtitle, SUBTITLE_SIZE),
    )
    said = _wrapped(_SAID, inner)
    swatches, foot = legend((kin(box.family) for box in boxes(scene.body)), inner)
    width, bottom = inner + 2 * _MARGIN, _HEAD + picture.height + 2 * _MARGIN
    height = bottom + foot + 12 * len(said) + 4
    parts = [
        *opening(title, (width, height), _INK, _PAGE),
        text_mark(_MARGIN, _MARGIN + 10, title, TITLE_SIZE, bold=True, kind="title"),
        text_mark(_MARGIN, _MARGIN + 28, scene.subtitle, SUBTITLE_SIZE, fill=_MUTED, kind="totals"),
        f'<g class="network" transform="translate({_MARGIN} {_HEAD + _MARGIN - 4})">',
        *(_frame(frame) for frame in picture.frames),
        '<g class="edges" fill="none" stroke-width="1">',
        *(edge_mark(edge, picture, _INK, headed=edge.target == RESULT) for edge in picture.edges),
        "</g>",
        *(_solid(placed, room.solids[placed.box.key]) for placed in picture.boxes),
        *(
            text_mark(
                edge.points[-1][0] + _GAP, edge.points[-1][1], clean(scene.results[edge.source], 20), _NAME, bold=True
            )
            for edge in picture.edges
            if edge.target == RESULT and scene.results[edge.source]
        ),
        "</g>",
    ]
    for swatch in swatches:
        x, y = _MARGIN + swatch.x, bottom - 12 + swatch.y
        parts.append(f'<rect x="{x}" y="{y}" width="10" height="10" fill="{paint(swatch.family).fill}"/>')
        parts.append(text_mark(x + 14, y + 5, swatch.family, LEGEND_SIZE, fill=_MUTED, kind="legend"))
    parts += [
        text_mark(_MARGIN, bottom - 6 + foot + 12 * row, text, _SMALL + 1, fill=_MUTED, kind="scale")
        for row, text in enumerate(said)
    ]
    return "\n".join([*parts, "</svg>"]) + "\n", (width, height)


def _wrapped(text: str, width: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, _SMALL + 1) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _frame(placed: PlacedFrame) -> str:
    frame: Frame = placed.frame
    title = " ".join(filter(None, (clean(frame.title, FRAME_TITLE), f"x{frame.times}" if frame.times > 1 else "")))
    parts = [
        f'<g class="frame {frame.kind}" id="f{frame.name}"><title>{escape(frame.tip)}</title>',
        (
            f'<rect x="{placed.x}" y="{placed.y}" width="{placed.width}" height="{placed.height}" rx="5" fill="none"'
            f' stroke="{_RULE}" stroke-width="0.8"{dash(dashed=frame.dashed)}/>'
        ),
        text_mark(placed.x + 7, placed.y + 9, title, FRAME_SIZE - 1, bold=True, fill=_MUTED, kind="name"),
    ]
    if frame.sort:
        right = placed.x + placed.width - 7
        sort = clean(frame.sort, FRAME_TITLE)
        parts.append(text_mark(right, placed.y + 9, sort, FRAME_SIZE - 1, fill=_MUTED, anchor="end", kind="sort"))
    return "".join(parts) + "</g>"


def _solid(placed: PlacedBox, solid: Solid) -> str:
    """The arrow, the layer's name over it, the solid or its copies, the tensor under it."""
    box, colours = placed.box, paint(placed.box.family)
    middle, right = placed.y + placed.height // 2, placed.x + placed.width
    left, top = right - reach(box, solid), middle - solid.height // 2
    *over, under = placed.writing.lines
    nodes = " ".join(str(row.node) for row in box.rows)
    parts = [f'<g class="layer {escape(box.family)}" id="n{box.key}" data-nodes="{nodes}">']
    parts.append(f"<title>{escape(box.tip)}</title>")
    centre = (placed.x + left) / 2
    if box.reads:
        parts.append(f'<path d="M{placed.x} {middle}L{left} {middle}" stroke="{_INK}"{dash(dashed=box.dashed)}/>')
        parts.append(f'<path d="M{left - 5} {middle - 3}L{left} {middle}L{left - 5} {middle + 3}Z" fill="{_INK}"/>')
    parts.append(text_mark(centre, middle - 7, over[0].text, _NAME, bold=True, anchor="middle", kind="name"))
    for row, line in enumerate(over[1:]):
        parts.append(text_mark(centre, middle + 6 + row * (_ROW - 1), line.text, _SMALL, fill=_MUTED, anchor="middle"))
    shades = (colours.fill, mixed(colours.fill, "#FFFFFF", 0.35), mixed(colours.fill, "#000000", 0.22))
    for number in range(min(box.times, _SLABS)):
        for outline, shade in zip(faces(solid, left + number * _step(solid), top), shades, strict=True):
            parts.append(
                f'<path class="solid" d="{outline}" fill="{shade}" stroke="{colours.line}" stroke-width="0.6"'
                f"{dash(dashed=box.dashed)}/>"
            )
    parts.append(text_mark(right, top + solid.height + 7, under.text, _SMALL, anchor="end", kind="tensor"))
    return "".join(parts) + "</g>"
