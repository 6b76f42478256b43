"""A picture as SVG text: whole in itself, without scripts, the same for the same picture."""

from __future__ import annotations

from collections.abc import Mapping

from archlang.draw.legend import Swatch, legend
from archlang.draw.marks import dash, edge_mark, escape, opening, text_mark
from archlang.draw.metrics import clean, text_width
from archlang.draw.picture import RESULT, Edge, Picture, PlacedBox, PlacedFrame, Tag
from archlang.draw.scene import boxes
from archlang.draw.spacing import DOWN
from archlang.draw.theme import (
    FRAME_SIZE,
    FRAME_TITLE,
    FRAMES,
    INK,
    LABEL_SIZE,
    LEGEND_SIZE,
    MUTED,
    PAGE,
    RULE,
    SUBTITLE_SIZE,
    TITLE_SIZE,
    kin,
    paint,
)

_STACK = DOWN.stack
_MARGIN = 18
_HEAD = 52
_OUTPUT_NAME = 12
_OUTPUT_MOST = 20
_BETWEEN = 6
_TITLE_MOST = 60


def render_svg(picture: Picture) -> str:
    """The whole document."""
    scene = picture.scene
    title = clean(scene.title, _TITLE_MOST)
    inner = _inner_width(picture)
    swatches, _ = _legend(picture)
    width, height = page_size(picture)
    left, top = _MARGIN + (inner - _network_width(picture)) // 2, _MARGIN + _HEAD
    parts = [
        *opening(title, (width, height), INK, PAGE),
        text_mark(_MARGIN, _MARGIN + 16, title, TITLE_SIZE, bold=True, kind="title"),
        text_mark(_MARGIN, _MARGIN + 34, scene.subtitle, SUBTITLE_SIZE, fill=MUTED, kind="totals"),
        f'<g class="network" transform="translate({left}.5 {top}.5)">',
        *network_marks(picture),
        "</g>",
        *(swatch_mark(swatch, _MARGIN, top + _network_height(picture) + _MARGIN - 4) for swatch in swatches),
        "</svg>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def network_marks(picture: Picture) -> list[str]:
    """The network alone: its frames, its lines and what is written on them, its boxes, the names of its outputs."""
    outputs = _output_rows(picture)
    ends = [edge for edge in picture.edges if edge.source in outputs and edge.target == RESULT]
    return [
        *(_frame(frame) for frame in picture.frames),
        '<g class="edges" fill="none" stroke-width="1">',
        *(edge_mark(edge, picture) for edge in picture.edges),
        "</g>",
        *(_tag(tag) for tag in picture.tags if tag.text),
        *(_box(box) for box in picture.boxes),
        *(_result(edge, picture, outputs) for edge in ends),
    ]


def footprint(picture: Picture) -> tuple[int, int]:
    """The width and the height of the network with the names of its outputs."""
    return _network_width(picture), _network_height(picture)


def page_size(picture: Picture) -> tuple[int, int]:
    """The width and the height of the whole page in pixels."""
    _, foot = _legend(picture)
    return _inner_width(picture) + 2 * _MARGIN, _network_height(picture) + 2 * _MARGIN + _HEAD + foot


def _network_width(picture: Picture) -> int:
    """The width of the network with the names of its outputs behind it, where it runs to the right."""
    names = picture.scene.results.values() if picture.rightwards else ()
    widths = [text_width(clean(name, _OUTPUT_MOST), LABEL_SIZE, bold=True) + _BETWEEN for name in names if name]
    return picture.width + max(widths, default=0)


def _network_height(picture: Picture) -> int:
    """The height of the network with the names of its outputs under it."""
    if picture.rightwards:
        return picture.height
    return picture.height + _OUTPUT_NAME * (max(_output_rows(picture).values(), default=-1) + 1)


def _output_rows(picture: Picture) -> dict[int, int]:
    """The row, from 0, in which each output's name stands: where two would touch, the right one stands lower."""
    ends = [(edge.points[-1][0], edge.source) for edge in picture.edges if edge.target == RESULT]
    rows: dict[int, int] = {}
    reached: list[float] = []
    for x, key in sorted(ends):
        if name := picture.scene.results[key]:
            half = text_width(clean(name, _OUTPUT_MOST), LABEL_SIZE, bold=True) / 2
            row = next((i for i, right in enumerate(reached) if right + _BETWEEN <= x - half), len(reached))
            reached[row : row + 1] = [x + half]
            rows[key] = row
    return rows


def _inner_width(picture: Picture) -> int:
    title = text_width(clean(picture.scene.title, _TITLE_MOST), TITLE_SIZE, bold=True)
    return max(_network_width(picture), title, text_width(picture.scene.subtitle, SUBTITLE_SIZE))


def _legend(picture: Picture) -> tuple[list[Swatch], int]:
    return legend((kin(box.family) for box in boxes(picture.scene.body)), _inner_width(picture))


def _frame(placed: PlacedFrame) -> str:
    frame = placed.frame
    fill = FRAMES[placed.depth % len(FRAMES)]
    style = f'rx="7" stroke="{RULE}" fill="{fill}"{dash(dashed=frame.dashed)}'
    size = f'width="{placed.width}" height="{placed.height}" {style}'
    parts = [f'<g class="frame {frame.kind}" id="f{frame.name}">', f"<title>{escape(frame.tip)}</title>"]
    if frame.times > 1:
        parts += [f'<rect x="{placed.x + step}" y="{placed.y + step}" {size}/>' for step in (2 * _STACK, _STACK)]
    parts.append(f'<rect x="{placed.x}" y="{placed.y}" {size}/>')
    middle = placed.y + 10
    if frame.title:
        title = clean(frame.title, FRAME_TITLE)
        parts.append(text_mark(placed.x + 8, middle, title, FRAME_SIZE, bold=True, fill=MUTED, kind="name"))
    right = placed.x + placed.width - 8
    if frame.times > 1:
        badge = text_width(f"x{frame.times}", FRAME_SIZE, bold=True) + 8
        middle_of_badge = right + 3 - badge / 2
        parts.append(
            f'<rect x="{right + 3 - badge}" y="{placed.y + 4}" width="{badge}" height="13" rx="6.5" fill="{INK}"/>'
        )
        parts.append(
            text_mark(middle_of_badge, middle, f"x{frame.times}", FRAME_SIZE, bold=True, fill=PAGE, anchor="middle")
        )
        right -= badge + 1
    if frame.sort:
        sort = clean(frame.sort, FRAME_TITLE)
        parts.append(text_mark(right, middle, sort, FRAME_SIZE, fill=MUTED, anchor="end", kind="sort"))
    return "".join(parts) + "</g>"


def _tag(tag: Tag) -> str:
    half = text_width(tag.text, LABEL_SIZE) / 2 + 1
    fill = PAGE if tag.depth == 0 else FRAMES[(tag.depth - 1) % len(FRAMES)]
    return f'<rect x="{tag.x - half:g}" y="{tag.y - 6}" width="{2 * half:g}" height="12" fill="{fill}"/>' + text_mark(
        tag.x, tag.y, tag.text, LABEL_SIZE, anchor="middle", kind="tensor"
    )


def _box(placed: PlacedBox) -> str:
    box, colours = placed.box, paint(placed.box.family)
    size = (
        f'width="{placed.width}" height="{placed.height}" rx="5" fill="{colours.fill}" stroke="{colours.line}"'
        f"{dash(dashed=box.dashed)}"
    )
    nodes = " ".join(str(row.node) for row in box.rows)
    parts = [f'<g class="layer {escape(box.family)}" id="n{box.key}" data-nodes="{nodes}">']
    parts.append(f"<title>{escape(box.tip)}</title>")
    if box.times > 1:
        parts.append(f'<rect x="{placed.x + _STACK}" y="{placed.y + _STACK}" {size}/>')
    parts.append(f'<rect x="{placed.x}" y="{placed.y}" {size}/>')
    for line in placed.writing.lines:
        if line.rule is not None:
            y = placed.y + line.rule
            parts.append(
                f'<path d="M{placed.x + 5} {y}H{placed.x + placed.width - 5}" stroke="{colours.text}"'
                ' stroke-opacity="0.45" stroke-width="0.7"/>'
            )
        x = placed.x + placed.width / 2
        parts.append(
            text_mark(
                x, placed.y + line.middle, line.text, line.size, fill=colours.text, bold=line.bold, anchor="middle"
            )
        )
    return "".join(parts) + "</g>"


def _result(edge: Edge, picture: Picture, rows: Mapping[int, int]) -> str:
    name = clean(picture.scene.results[edge.source], _OUTPUT_MOST)
    x, y = edge.points[-1]
    if picture.rightwards:
        return text_mark(x + _BETWEEN, y, name, LABEL_SIZE, bold=True, kind="output")
    return text_mark(
        x, y + 7 + _OUTPUT_NAME * rows[edge.source], name, LABEL_SIZE, bold=True, anchor="middle", kind="output"
    )


def swatch_mark(swatch: Swatch, left: int, top: int) -> str:
    """An entry of the legend, which stands at (left, top)."""
    colours = paint(swatch.family)
    return (
        f'<rect x="{left + swatch.x}" y="{top + swatch.y}" width="10" height="10" rx="3" fill="{colours.fill}"/>'
        + text_mark(left + swatch.x + 14, top + swatch.y + 5, swatch.family, LEGEND_SIZE, fill=MUTED, kind="legend")
    )
