"""A picture that was laid out downwards, turned to run to the right: what was below is now at the right."""

from __future__ import annotations

from dataclasses import replace

from archlang.draw.picture import Picture


def turned(picture: Picture) -> Picture:
    """The picture mirrored at its diagonal. What is written in boxes stays upright: they were measured for it."""
    return replace(
        picture,
        width=picture.height,
        height=picture.width,
        boxes=tuple(replace(p, x=p.y, y=p.x, width=p.height, height=p.width) for p in picture.boxes),
        frames=tuple(replace(p, x=p.y, y=p.x, width=p.height, height=p.width) for p in picture.frames),
        edges=tuple(replace(e, points=tuple((y, x) for x, y in e.points)) for e in picture.edges),
        tags=tuple(replace(t, x=t.y, y=t.x) for t in picture.tags),
        rightwards=True,
    )
