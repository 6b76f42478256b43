"""The marks that pictures of every style are made of: text and lines, as SVG."""

from __future__ import annotations

from archlang.draw.metrics import printable
from archlang.draw.picture import RESULT, Edge, Picture
from archlang.draw.theme import FONT, INK

_ROUND = 5
_ARROW = 4
_DOTS = ' stroke-dasharray="1.5 2.5"'


def escape(text: str) -> str:
    """Text that means itself in XML, in content and in attributes, without the characters that XML forbids."""
    kept = "".join(char for char in text if char == "\n" or printable(char))
    for char, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;")):
        kept = kept.replace(char, name)
    return kept


def opening(title: str, size: tuple[int, int], ink: str, page: str, view: tuple[int, int] | None = None) -> list[str]:
    """How every picture begins: the document, `size` wide and high, of what lies in `view`; its title; its ground."""
    (width, height), (across, down) = size, view or size
    return [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{height}"'
            f' viewBox="0 0 {across} {down}" font-family="{FONT}" fill="{ink}">'
        ),
        f"<title>{escape(title)}</title>",
        f'<rect class="page" width="{across}" height="{down}" fill="{page}"/>',
    ]


def text_mark(
    x: float,
    middle: float,
    text: str,
    size: float,
    *,
    fill: str = "",
    bold: bool = False,
    anchor: str = "",
    kind: str = "",
) -> str:
    """One line of text with its middle at a height; `kind` is its class."""
    more = f' class="{kind}"' if kind else ""
    more += f' fill="{fill}"' if fill else ""
    more += ' font-weight="bold"' if bold else ""
    more += f' text-anchor="{anchor}"' if anchor else ""
    return f'<text x="{x:g}" y="{middle + size * 0.36:.4g}" font-size="{size}"{more}>{escape(text)}</text>'


def dash(*, dashed: bool) -> str:
    """The attribute of a line with gaps, or of one without."""
    return ' stroke-dasharray="4 3"' if dashed else ""


def edge_mark(edge: Edge, picture: Picture, ink: str = INK, *, headed: bool = True) -> str:
    """A line with round corners, and, if it is `headed`, a head where it ends."""
    points = edge.points
    path = [f"M{points[0][0]} {points[0][1]}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        reach = min(_ROUND, _distance(before, corner) // 2, _distance(corner, after) // 2)
        (ax, ay), (bx, by) = _toward(corner, before, reach), _toward(corner, after, reach)
        path.append(f"L{ax} {ay}Q{corner[0]} {corner[1]} {bx} {by}")
    x, y = points[-1]
    dx, dy = (1, 0) if picture.rightwards else (0, 1)
    path.append(f"L{x - dx} {y - dy}")
    dashed = _DOTS if edge.target in picture.sized.get(edge.source, ()) else dash(dashed=picture.dashed(edge))
    near_x, near_y = x - dx * (_ARROW + 1), y - dy * (_ARROW + 1)
    head = f"M{near_x - 3 * dy} {near_y - 3 * dx}L{x} {y}L{near_x + 3 * dy} {near_y + 3 * dx}Z"
    line = (
        f'<path class="edge" data-from="n{edge.source}" data-to="{_name(edge.target)}" stroke="{ink}"{dashed}'
        f' d="{"".join(path)}"/>'
    )
    return f'{line}<path d="{head}" fill="{ink}"/>' if headed else line


def _name(key: int) -> str:
    return "output" if key == RESULT else f"n{key}"


def _distance(one: tuple[int, int], other: tuple[int, int]) -> int:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _toward(point: tuple[int, int], goal: tuple[int, int], reach: int) -> tuple[int, int]:
    dx, dy = goal[0] - point[0], goal[1] - point[1]
    return point[0] + reach * ((dx > 0) - (dx < 0)), point[1] + reach * ((dy > 0) - (dy < 0))
