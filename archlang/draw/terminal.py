"""A network in box characters: the same layout as a picture's, in the cells of a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from archlang.draw.cells import Cells, cells, frame_titles, shown, width_of
from archlang.draw.layout import layout
from archlang.draw.picture import Picture, PlacedBox, PlacedFrame
from archlang.draw.scene import Column, Fork, Frame, Item, Scene, boxes
from archlang.draw.theme import paint

_UP, _RIGHT, _DOWN, _LEFT = 1, 2, 4, 8
_STROKES = dict(enumerate(" ╵╶└╷│┌├╴┘─┴┐┤┬┼"))
_LEAST = 12
_WIDEST = 1000
_TRIALS = (
    Cells(),
    Cells(labels=False, longest=24),
    Cells(labels=False, longest=16, frame_pad=2, lane=1, between=1, aside=2),
)


def terminal(scene: Scene, columns: int, *, colours: bool = False) -> str:
    """The picture of a scene in lines of at most `columns` characters; `colours` paints it with escape sequences.

    Where it is too wide it is drawn again without the tensors' sizes, then with branches one under another, in a frame
    each, and at last every line ends where the terminal does, with a mark.
    """
    columns = max(_LEAST, min(columns, _WIDEST))
    for room in _TRIALS:
        drawn = _drawn(scene, room, colours=colours)
        if drawn.width <= columns:
            return _page(scene, drawn, columns)
    room = _TRIALS[-1]
    return _page(scene, _drawn(replace(scene, body=_stacked(scene.body)), room, colours=colours), columns)


def _page(scene: Scene, grid: _Grid, columns: int) -> str:
    head = [shown(scene.title, columns), shown(scene.subtitle, columns), ""]
    return "\n".join([*head, *grid.lines(columns)]).rstrip("\n") + "\n"


def _drawn(scene: Scene, room: Cells, *, colours: bool) -> _Grid:
    labelled = scene if room.labels else replace(scene, labels={})
    picture = layout(labelled, room)
    grid = _Grid(picture.width + 1, picture.height + 1)
    for frame in picture.frames:
        _frame(grid, frame, room)
    for edge in picture.edges:
        grid.start(*edge.points[0])
        x, y = edge.points[-1]
        for (ax, ay), (bx, by) in pairwise([*edge.points[:-1], (x, y - 1)]):
            grid.line(ax, ay, bx, by)
    for edge in picture.edges:
        x, y = edge.points[-1]
        grid.write(x, y - 1, "▼")
    for tag in picture.tags:
        text = shown(tag.text, room.longest)
        grid.write(tag.x - cells(text) // 2, tag.y, text)
    for placed in picture.boxes:
        _box(grid, placed, colours=colours)
    _results(grid, picture, room)
    return grid


def _results(grid: _Grid, picture: Picture, room: Cells) -> None:
    for edge in picture.edges:
        name = picture.scene.results.get(edge.source, "") if edge.target < 0 else ""
        if name:
            text = shown(name, room.longest)
            x, y = edge.points[-1]
            grid.write(max(0, x - cells(text) // 2), y, text)


def _frame(grid: _Grid, placed: PlacedFrame, room: Cells) -> None:
    right, bottom = placed.x + placed.width - 1, placed.y + placed.height - 1
    grid.border(placed.x, placed.y, right, bottom, "╭╮╰╯┄┆")
    title, more = frame_titles(placed.frame, room.longest)
    if title:
        grid.write(placed.x + 2, placed.y, f" {title} ")
    if more:
        grid.write(right - cells(more) - 3, placed.y, f" {more} ")


def _box(grid: _Grid, placed: PlacedBox, *, colours: bool) -> None:
    box = placed.box
    right, bottom = placed.x + placed.width - 1, placed.y + placed.height - 1
    grid.clear(placed.x, placed.y, right, bottom)
    grid.border(placed.x, placed.y, right, bottom, "┌┐└┘╌╎" if box.dashed else "┌┐└┘─│")
    colour = paint(box.family).fill if colours else ""
    for line in placed.writing.lines:
        start = placed.x + (placed.width - cells(line.text) + 1) // 2
        grid.write(start, placed.y + line.middle, line.text, colour, bold=line.bold and colours)
    if colours:
        grid.paint(placed.x, placed.y, right, bottom, colour)


def _stacked(column: Column) -> Column:
    """The column with the branches of every fork one under another, each in a frame that says which it is."""
    return Column(tuple(part for item in column.items for part in _apart(item)))


def _apart(item: Item) -> Iterator[Item]:
    match item:
        case Frame():
            yield replace(item, body=_stacked(item.body))
        case Fork():
            for number, inner in enumerate(item.columns, 1):
                name = f"branch.{next(boxes(inner)).key}.{number}"
                yield Frame(name, f"{number}", "branch", _stacked(inner))
        case _:
            yield item


class _Grid:
    """Cells to draw on: strokes that join where they meet, and characters over them."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self._height = height
        self._strokes: dict[tuple[int, int], int] = {}
        self._characters: dict[tuple[int, int], str] = {}
        self._looks: dict[tuple[int, int], str] = {}

    def start(self, x: int, y: int) -> None:
        """A stroke comes into a cell from above."""
        self._join(x, y, _UP)

    def line(self, ax: int, ay: int, bx: int, by: int) -> None:
        """A stroke from the middle of a cell to that of another above, below or beside it."""
        if ax == bx:
            top, bottom = sorted((ay, by))
            for y in range(top, bottom):
                self._join(ax, y, _DOWN)
                self._join(ax, y + 1, _UP)
        else:
            left, right = sorted((ax, bx))
            for x in range(left, right):
                self._join(x, ay, _RIGHT)
                self._join(x + 1, ay, _LEFT)

    def _join(self, x: int, y: int, way: int) -> None:
        self._strokes[x, y] = self._strokes.get((x, y), 0) | way

    def border(self, left: int, top: int, right: int, bottom: int, characters: str) -> None:
        """A rectangle of the four corners, the level and the upright stroke that `characters` holds."""
        upper_left, upper_right, lower_left, lower_right, level, upright = characters
        for x in range(left + 1, right):
            self._characters[x, top] = self._characters[x, bottom] = level
        for y in range(top + 1, bottom):
            self._characters[left, y] = self._characters[right, y] = upright
        self._characters.update(
            {
                (left, top): upper_left,
                (right, top): upper_right,
                (left, bottom): lower_left,
                (right, bottom): lower_right,
            }
        )

    def clear(self, left: int, top: int, right: int, bottom: int) -> None:
        """Nothing any more inside a rectangle."""
        for y in range(top, bottom + 1):
            for x in range(left, right + 1):
                self._strokes.pop((x, y), None)
                self._characters[x, y] = " "

    def write(self, x: int, y: int, text: str, colour: str = "", *, bold: bool = False) -> None:
        """A text from a cell on; a wide character takes the cell behind it, a mark stays with the one before."""
        for character in text:
            width = width_of(character)
            if width == 0:
                self._characters[x - 1, y] = self._characters.get((x - 1, y), " ") + character
                continue
            self._characters[x, y] = character
            if bold:
                self._looks[x, y] = "1"
            if width == 2:
                self._characters[x + 1, y] = ""
            x += width

    def paint(self, left: int, top: int, right: int, bottom: int, colour: str) -> None:
        """A colour, `#RRGGBB`, for a rectangle's characters."""
        parts = ";".join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))
        for y in range(top, bottom + 1):
            for x in range(left, right + 1):
                look = self._looks.get((x, y))
                self._looks[x, y] = f"{look};38;2;{parts}" if look else f"38;2;{parts}"

    def lines(self, columns: int) -> Iterator[str]:
        """Every line without the blanks at its end; what does not fit ends in a mark."""
        for y in range(self._height):
            row = [self._cell(x, y) for x in range(self.width)]
            while row and row[-1].isspace() and row[-1]:
                row.pop()
            looks = [self._looks.get((x, y), "") for x in range(len(row))]
            if len(row) > columns:
                row, looks = [*row[: columns - 1], "…"], [*looks[: columns - 1], ""]
                if width_of(row[-2][:1] or " ") == 2:
                    row[-2] = " "
            yield _painted(row, looks)

    def _cell(self, x: int, y: int) -> str:
        drawn, strokes = self._characters.get((x, y)), self._strokes.get((x, y), 0)
        if strokes and (drawn is None or drawn in "┄┆"):
            return _STROKES[strokes]
        return " " if drawn is None else drawn


def _painted(row: list[str], looks: list[str]) -> str:
    """The characters of a line, with an escape sequence wherever the look changes."""
    parts: list[str] = []
    now = ""
    for character, look in zip(row, looks, strict=True):
        if look != now:
            parts.append(f"\x1b[0;{look}m" if look else "\x1b[0m")
            now = look
        parts.append(character)
    return "".join(parts) + ("\x1b[0m" if now else "")
