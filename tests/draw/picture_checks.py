"""What a picture must hold to, as functions that say what is wrong with one."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator

from archlang.draw.boxtext import writing
from archlang.draw.metrics import text_width
from archlang.draw.picture import RESULT, Edge, Picture, PlacedBox, PlacedFrame
from archlang.draw.scene import Box, Column, Fork, Frame
from archlang.draw.theme import LABEL_SIZE

Rect = tuple[int, int, int, int]
"""Left, top, right, bottom."""


def rect(placed: PlacedBox | PlacedFrame) -> Rect:
    return placed.x, placed.y, placed.x + placed.width, placed.y + placed.height


def by_tensor(picture: Picture) -> dict[int, PlacedBox]:
    """The box that each tensor leaves, or, where it leaves none, the one whose layer it is."""
    return {key: p for p in picture.boxes for key in {p.box.key, *p.box.gives}}


def overlap(a: Rect, b: Rect) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


class Rows:
    """Rectangles by their top, to find those near a piece of a line."""

    def __init__(self, rects: list[tuple[Rect, object]]) -> None:
        self.rects = sorted(rects, key=lambda entry: entry[0][1])
        self.tops = [entry[0][1] for entry in self.rects]
        self.tallest = max((r[3] - r[1] for r, _ in rects), default=0)

    def near(self, top: int, bottom: int) -> Iterator[tuple[Rect, object]]:
        first = bisect_left(self.tops, top - self.tallest)
        for entry in self.rects[first:]:
            if entry[0][1] >= bottom:
                return
            yield entry


def pieces(edge: Edge) -> Iterator[Rect]:
    """The straight pieces of an edge, each a line with a little body."""
    for (ax, ay), (bx, by) in zip(edge.points, edge.points[1:], strict=False):
        yield min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)


def boxes_apart(picture: Picture) -> list[str]:
    rows = Rows([(rect(p), p) for p in picture.boxes])
    found = []
    for p in picture.boxes:
        mine = rect(p)
        for other, q in rows.near(mine[1], mine[3]):
            if q is not p and overlap(mine, other):
                found.append(f"boxes n{p.box.key} and n{q.box.key} overlap")
    return found


def frames_hold_theirs(picture: Picture) -> list[str]:
    """Frames lie in one another or apart; a box lies inside the frames that hold it and apart from the others."""
    found = []
    rows = Rows([(rect(p), p) for p in picture.boxes])
    frames = Rows([(rect(f), f) for f in picture.frames])
    where = {key: rect(p) for key, p in by_tensor(picture).items()}
    for f in picture.frames:
        mine = rect(f)
        for key in f.inside:
            box = where[key]
            if not (mine[0] < box[0] and mine[1] < box[1] and box[2] < mine[2] and box[3] < mine[3]):
                found.append(f"box n{key} sticks out of frame {f.frame.title}")
        for box, p in rows.near(mine[1], mine[3]):
            if p.box.key not in f.inside and overlap(mine, box):
                found.append(f"box n{p.box.key} lies in frame {f.frame.title}")
        for other, g in frames.near(mine[1], mine[3]):
            if g is not f and overlap(mine, other) and not (f.inside <= g.inside or g.inside <= f.inside):
                found.append(f"frames {f.frame.title} and {g.frame.title} overlap")
    return found


def edges_clear(picture: Picture) -> list[str]:
    """No edge passes through a box, its own two included, or through a frame that holds neither of its ends."""
    found = []
    rows = Rows([(rect(p), p.box.key) for p in picture.boxes])
    frames = Rows([(rect(f), f) for f in picture.frames])
    for edge in picture.edges:
        for piece in pieces(edge):
            line = piece[0] - 1, piece[1], piece[2] + 1, piece[3]
            for other, key in rows.near(line[1] - 1, line[3] + 1):
                if overlap(line, other) or (
                    line[1] == line[3] and other[1] <= line[1] <= other[3] and line[0] < other[2] and other[0] < line[2]
                ):
                    found.append(f"edge n{edge.source} to n{edge.target} passes through n{key}")
            for other, frame in frames.near(line[1] - 1, line[3] + 1):
                if not {edge.source, edge.target} & frame.inside and overlap(line, other):
                    found.append(f"edge n{edge.source} to n{edge.target} passes through frame {frame.frame.title}")
    return found


def edges_arrive(picture: Picture) -> list[str]:
    """Each edge leaves the middle of its source's bottom and ends on its target's top; none is missing."""
    found = []
    where = by_tensor(picture)
    wanted = {(key, p.box.key) for p in picture.boxes for key in p.box.reads}
    wanted |= {(key, RESULT) for key in picture.scene.results}
    got = {(edge.source, edge.target) for edge in picture.edges}
    found += [f"edge {pair} is {'missing' if pair in wanted else 'too much'}" for pair in wanted ^ got]
    for edge in picture.edges:
        source = where[edge.source]
        x, y = edge.points[0]
        middle = source.x + source.width // 2
        aslant = x != middle if len(source.box.gives) < 2 else not source.x < x < source.x + source.width
        if aslant or y != source.y + source.height:
            found.append(f"edge n{edge.source} to n{edge.target} starts elsewhere")
        if edge.target != RESULT:
            target = where[edge.target]
            if edge.points[-1] != (target.x + target.width // 2, target.y):
                found.append(f"edge n{edge.source} to n{edge.target} ends elsewhere")
        for (ax, ay), (bx, by) in zip(edge.points, edge.points[1:], strict=False):
            if ax != bx and ay != by:
                found.append(f"edge n{edge.source} to n{edge.target} runs aslant")
            if by < ay:
                found.append(f"edge n{edge.source} to n{edge.target} runs upwards")
    return found


def edges_apart(picture: Picture) -> list[str]:
    """Two tensors never run along one line, unless they go to the same box."""
    found = []
    lines: dict[tuple[str, int], list[tuple[int, int, Edge]]] = {}
    for edge in picture.edges:
        for left, top, right, bottom in pieces(edge):
            if left == right:
                lines.setdefault(("x", left), []).append((top, bottom, edge))
            else:
                lines.setdefault(("y", top), []).append((left, right, edge))
    for (axis, at), runs in lines.items():
        runs.sort(key=lambda run: run[:2])
        for number, (_, end, edge) in enumerate(runs):
            for begin, _, other in runs[number + 1 :]:
                if begin >= end:
                    break
                if edge.source != other.source and edge.target != other.target:
                    found.append(f"tensors n{edge.source} and n{other.source} share the line {axis}={at}")
    return found


def labels_clear(picture: Picture) -> list[str]:
    """Labels lie on nothing but their own tensor's line."""
    found = []
    rows = Rows([(rect(p), p.box.key) for p in picture.boxes])
    tags = Rows([((t.x - _half(t.text), t.y - 5, t.x + _half(t.text), t.y + 5), t) for t in picture.tags])
    for mine, tag in tags.rects:
        found += [f"label {tag.text} lies on n{k}" for other, k in rows.near(mine[1], mine[3]) if overlap(mine, other)]
        for other, second in tags.near(mine[1], mine[3]):
            if second is not tag and overlap(mine, other):
                found.append(f"labels {tag.text} and {second.text} overlap")
    for edge in picture.edges:
        for piece in pieces(edge):
            for other, tag in tags.near(piece[1] - 1, piece[3] + 1):
                if tag.key != edge.source and overlap((piece[0] - 1, piece[1] - 1, piece[2] + 1, piece[3] + 1), other):
                    found.append(f"edge n{edge.source} to n{edge.target} crosses the label {tag.text} of n{tag.key}")
    return found


def _half(text: str) -> int:
    return text_width(text, LABEL_SIZE) // 2


def text_fits(picture: Picture) -> list[str]:
    found = []
    for p in picture.boxes:
        found += [
            f"`{line.text}` is wider than its box"
            for line in p.writing.lines
            if text_width(line.text, line.size, bold=line.bold) > p.width - 6
        ]
        found += [f"`{line.text}` is below its box" for line in p.writing.lines if not 5 <= line.middle <= p.height - 5]
        if p.height < writing(p.box).height:
            found.append(f"box n{p.box.key} is too low")
    return found


def is_aside(box: Box) -> bool:
    return box.closed is not None and box.closed.aside


def trunk_straight(picture: Picture) -> list[str]:
    """What stands in one column stands on one line, and so does what stands in its frames."""
    where = {p.box.key: p.x + p.width // 2 for p in picture.boxes}
    found: list[str] = []

    def walk(column: Column, axis: int | None) -> None:
        if axis is None:
            axis = next((where[i.key] for i in column.items if isinstance(i, Box) and not is_aside(i)), None)
        for item in column.items:
            if isinstance(item, Box) and not is_aside(item) and where[item.key] != axis:
                found.append(f"n{item.key} is not on its column's line")
            elif isinstance(item, Frame):
                walk(item.body, None if item.aside else axis)
            elif isinstance(item, Fork):
                for index, inner in enumerate(item.columns):
                    walk(inner, axis if index == item.straight else None)

    walk(picture.scene.body, picture.axis)
    return found


def congruent(picture: Picture) -> list[str]:
    """Frames that hold the same, drawn the same."""
    found = []
    where = by_tensor(picture)
    seen: dict[object, tuple[object, PlacedFrame]] = {}
    for f in picture.frames:
        keys = {key: number for number, key in enumerate(sorted(f.inside))}
        entering: dict[int, int] = {}

        def known(key: int, keys: dict[int, int] = keys, entering: dict[int, int] = entering) -> tuple[str, int]:
            return ("own", keys[key]) if key in keys else ("in", entering.setdefault(key, len(entering)))

        def alike(column: Column, known: Callable[[int], tuple[str, int]] = known) -> object:
            return tuple(
                (
                    i.rows[0].text,
                    i.note,
                    i.times,
                    tuple(r.text for r in i.rows),
                    tuple(map(known, i.reads)),
                    picture.scene.labels.get(i.key),
                )
                if isinstance(i, Box)
                else (i.title, i.sort, i.times, i.aside, alike(i.body))
                if isinstance(i, Frame)
                else (i.straight, tuple(map(alike, i.columns)))
                for i in column.items
            )

        read_outside = (
            tuple(known(e.source) for e in picture.edges if e.source in f.inside and e.target not in f.inside)
            if len(picture.edges) < 2000
            else ()
        )
        signature = (f.frame.title, f.frame.sort, f.frame.times, alike(f.frame.body), frozenset(read_outside))
        shape = (
            f.width,
            f.height,
            tuple((where[k].x - f.x, where[k].y - f.y, where[k].width) for k in sorted(f.inside)),
        )
        first = seen.setdefault(signature, (shape, f))
        if first[0] != shape:
            found.append(f"two frames {f.frame.title} hold the same and look different")
    return found


def inside_page(picture: Picture) -> list[str]:
    found = []
    page = (0, 0, picture.width, picture.height)
    for p in (*picture.boxes, *picture.frames):
        r = rect(p)
        if r[0] < 0 or r[1] < 0 or r[2] > page[2] or r[3] > page[3]:
            found.append(f"{r} is outside the page")
    found += [
        f"edge n{edge.source} to n{edge.target} leaves the page"
        for edge in picture.edges
        if any(not (0 <= x <= page[2] and 0 <= y <= page[3]) for x, y in edge.points)
    ]
    return found


ALL = (
    boxes_apart,
    frames_hold_theirs,
    edges_clear,
    edges_arrive,
    edges_apart,
    labels_clear,
    text_fits,
    trunk_straight,
    congruent,
    inside_page,
)


def problems(picture: Picture) -> list[str]:
    """Everything that is wrong with a picture."""
    return [problem for check in ALL for problem in check(picture)]
