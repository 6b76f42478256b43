"""What a layout costs a reader: crossings, area and length of lines, of our pictures and of Graphviz's."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, pairwise
from typing import Any

from archlang.draw.picture import RESULT, Picture

Place = tuple[float, float]
Line = tuple[int, int, Sequence[Place]]
"""Whose tensor, who reads it, and the corners of its way."""

_STEPS = 12  # straight pieces that stand for one curve


def ours(picture: Picture) -> dict[str, int]:
    """The figures of a picture of ours, without what leaves the network, which Graphviz is not told of."""
    lines = [(edge.source, edge.target, edge.points) for edge in picture.edges if edge.target != RESULT]
    return _figures(lines, picture.width * picture.height)


def graphviz(text: str) -> dict[str, int]:
    """The figures of what `dot -Tjson` says."""
    found = json.loads(text)
    left, bottom, right, top = map(float, found["bb"].split(","))
    names = {thing["_gvid"]: int(thing["name"][1:]) for thing in found["objects"] if re.match(r"n\d", thing["name"])}
    lines = [(names[edge["tail"]], names[edge["head"]], list(_curve(edge["pos"]))) for edge in found["edges"]]
    return _figures(lines, (right - left) * (top - bottom))


def table(networks: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> str:
    """The figures as a table for the documentation, ours first, Graphviz's behind it."""
    rows = ["| network | crossings | area, thousand | length of lines | milliseconds |", "|---|--:|--:|--:|--:|"]
    for name, both in networks.items():
        mine, theirs = both["ours"], both["graphviz"]
        cells = [
            f"{mine['crossings']} : {theirs['crossings']}",
            f"{mine['area'] / 1000:,.0f} : {theirs['area'] / 1000:,.0f}",
            f"{mine['length']:,} : {theirs['length']:,}",
            f"{mine['milliseconds']:.0f} : {theirs['milliseconds']:.0f}",
        ]
        rows.append(f"| `{name}` | " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def _figures(lines: Sequence[Line], area: float) -> dict[str, int]:
    length = sum(_far(*here, *there) for _, _, way in lines for here, there in pairwise(way))
    return {"crossings": len(_crossings(lines)), "area": round(area), "length": round(length)}


def _far(ax: float, ay: float, bx: float, by: float) -> float:
    return ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5


def _crossings(lines: Sequence[Line]) -> set[tuple[int, int, int, int]]:
    """Where lines of two tensors cross, each place once: lines of one tensor, or into one box, may meet."""
    found: set[tuple[int, int, int, int]] = set()
    spans = [(line, _span(line[2])) for line in lines]
    for (one, a), (other, b) in combinations(spans, 2):
        if one[0] == other[0] or one[1] == other[1] or a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]:
            continue
        low, high = sorted((one[0], other[0]))
        for x, y in _meetings(one[2], other[2]):
            found.add((low, high, round(x), round(y)))
    return found


def _span(way: Sequence[Place]) -> tuple[float, float, float, float]:
    return min(x for x, _ in way), min(y for _, y in way), max(x for x, _ in way), max(y for _, y in way)


def _meetings(one: Sequence[Place], other: Sequence[Place]) -> Iterator[Place]:
    for (ax, ay), (bx, by) in pairwise(one):
        for (cx, cy), (dx, dy) in pairwise(other):
            turn = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
            if not turn:
                continue
            t = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / turn
            u = ((cx - ax) * (by - ay) - (cy - ay) * (bx - ax)) / turn
            if 0 < t <= 1 and 0 < u <= 1:
                yield ax + t * (bx - ax), ay + t * (by - ay)


def _curve(pos: str) -> Iterator[Place]:
    """The corners of an edge of Graphviz's: curves of four points each, and the head of the arrow."""
    end: Place | None = None
    points: list[Place] = []
    for word in pos.split():
        x, y = map(float, word.split(",")[-2:])
        if word.startswith("e,"):
            end = x, y
        else:
            points.append((x, y))
    yield points[0]
    for first in range(0, len(points) - 3, 3):
        a, b, c, d = points[first : first + 4]
        for step in range(1, _STEPS + 1):
            t = step / _STEPS
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
            yield (
                sum(w * p[0] for w, p in zip(weights, (a, b, c, d), strict=True)),
                sum(w * p[1] for w, p in zip(weights, (a, b, c, d), strict=True)),
            )
    if end is not None:
        yield end
