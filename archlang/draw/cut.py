"""A long network in several columns: cut where one tensor alone goes on, with a letter at both ends of the cut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from archlang.draw.flow import Flows
from archlang.draw.picture import Picture
from archlang.draw.scene import Box, Column, Frame, Item, Row, Scene, boxes

_GOES_ON = "input"
_NET = "trunk"  # a frame around a net that another is built on


def cut(picture: Picture, pieces: int) -> list[Scene]:
    """The scene of a picture that runs down, in at most so many pieces, about as high as one another.

    It is cut between its outermost parts alone, and nowhere where several tensors would have to go on.
    """
    scene, ends = picture.scene, _ends(picture)
    crossing = _crossings(scene)
    places = sorted({_nearest(list(crossing), ends, number * picture.height / pieces) for number in range(1, pieces)})
    bounds = [0, *(place for place in places if place), len(scene.body.items)]
    return [
        _piece(scene, start, end, crossing.get(start), crossing.get(end), number)
        for number, (start, end) in enumerate(pairwise(bounds))
    ]


def opened(scene: Scene) -> Scene:
    """The scene with the nets it is made of laid open: what the frame of another held stands in the trunk itself."""
    return replace(scene, body=Column(tuple(_without_frames(scene.body.items))))


def _without_frames(items: Sequence[Item]) -> Iterator[Item]:
    for item in items:
        if isinstance(item, Frame) and item.kind == _NET and not item.aside and item.times == 1:
            yield from _without_frames(item.body.items)
        else:
            yield item


def _crossings(scene: Scene) -> dict[int, int]:
    """The key of the tensor that goes on, by each place between two items where it is the only one."""
    flows = Flows(scene.body, scene.results)
    reads = [set(flows.of(item).takes) for item in scene.body.items]
    made: set[int] = set()
    found: dict[int, int] = {}
    for place, item in enumerate(scene.body.items[:-1], 1):
        made |= flows.of(item).makes
        crossing = made & set[int]().union(*reads[place:])
        if len(crossing) == 1:
            found[place] = crossing.pop()
    return found


def _ends(picture: Picture) -> list[int]:
    """How far down each of the outermost items reaches."""
    flows = Flows(picture.scene.body, picture.scene.results)
    bottoms = {placed.box.key: placed.y + placed.height for placed in picture.boxes}
    return [max((bottoms.get(key, 0) for key in flows.of(item).makes), default=0) for item in picture.scene.body.items]


def _nearest(places: Sequence[int], ends: Sequence[int], height: float) -> int:
    """The place whose cut lies nearest to a height; 0 where there is none."""
    return min(places, key=lambda place: abs(ends[place - 1] - height), default=0)


def _piece(scene: Scene, start: int, end: int, enters: int | None, leaves: int | None, number: int) -> Scene:
    items = scene.body.items[start:end]
    if enters is not None:
        label = scene.labels.get(enters, "")
        items = (Box(enters, (Row(enters, _letter(number - 1), _GOES_ON),), 0, (), labels=((label, label),)), *items)
    body = Column(items)
    made = {key for box in boxes(body) for key in box.gives}
    results = {key: name for key, name in scene.results.items() if key in made and key != enters}
    if leaves is not None:
        results[leaves] = _letter(number)
    labels = {key: text for key, text in scene.labels.items() if key in made}
    return replace(scene, body=body, labels=labels, results=results)


def _letter(number: int) -> str:
    return chr(ord("A") + number)
