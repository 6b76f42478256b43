"""The checks find what they are for: a fault planted in a clean picture is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import hand_made
import picture_checks
import pytest

from archlang.draw.compose import compose
from archlang.draw.layout import layout
from archlang.draw.picture import Picture

Check = Callable[[Picture], list[str]]


def clean() -> Picture:
    return layout(compose(hand_made.googlenet_like()))


def with_box(picture: Picture, key: int, **changes: object) -> Picture:
    boxes = tuple(replace(p, **changes) if p.box.key == key else p for p in picture.boxes)
    return replace(picture, boxes=boxes)


def box_on_another(picture: Picture) -> Picture:
    first, second = picture.boxes[5:7]
    return with_box(picture, first.box.key, x=second.x + 3, y=second.y + 3)


def box_out_of_its_frame(picture: Picture) -> Picture:
    frame = picture.frames[0]
    return with_box(picture, min(frame.inside), y=frame.y - 2)


def line_through_a_box(picture: Picture) -> Picture:
    edge, box = picture.edges[0], picture.boxes[-1]
    points = ((box.x + 5, box.y - 9), (box.x + 5, box.y + box.height + 9))
    return replace(picture, edges=(replace(edge, points=points), *picture.edges[1:]))


def line_through_a_strange_frame(picture: Picture) -> Picture:
    frame = picture.frames[0]
    edge = next(edge for edge in picture.edges if not {edge.source, edge.target} & frame.inside)
    points = ((frame.x + 2, frame.y - 9), (frame.x + 2, frame.y + frame.height + 9))
    return replace(picture, edges=(replace(edge, points=points),))


def line_missing(picture: Picture) -> Picture:
    return replace(picture, edges=picture.edges[1:])


def line_aslant(picture: Picture) -> Picture:
    edge = picture.edges[0]
    (x, y), *rest = edge.points
    return replace(picture, edges=(replace(edge, points=((x + 4, y), *rest)), *picture.edges[1:]))


def lines_on_one_another(picture: Picture) -> Picture:
    first, second = picture.edges[0], picture.edges[-1]
    return replace(picture, edges=(replace(first, points=second.points), *picture.edges[1:]))


def label_on_a_box(picture: Picture) -> Picture:
    box = picture.boxes[3]
    return replace(picture, tags=(replace(picture.tags[0], x=box.x, y=box.y + 4), *picture.tags[1:]))


def text_too_wide(picture: Picture) -> Picture:
    return with_box(picture, picture.boxes[2].box.key, width=30)


def trunk_with_a_step(picture: Picture) -> Picture:
    box = picture.boxes[1]
    return with_box(picture, box.box.key, x=box.x + 2)


def box_off_the_page(picture: Picture) -> Picture:
    return replace(picture, width=picture.width - 40)


@pytest.mark.parametrize(
    ("check", "plant"),
    [
        (picture_checks.boxes_apart, box_on_another),
        (picture_checks.frames_hold_theirs, box_out_of_its_frame),
        (picture_checks.edges_clear, line_through_a_box),
        (picture_checks.edges_clear, line_through_a_strange_frame),
        (picture_checks.edges_arrive, line_missing),
        (picture_checks.edges_arrive, line_aslant),
        (picture_checks.edges_apart, lines_on_one_another),
        (picture_checks.labels_clear, label_on_a_box),
        (picture_checks.text_fits, text_too_wide),
        (picture_checks.trunk_straight, trunk_with_a_step),
        (picture_checks.inside_page, box_off_the_page),
    ],
    ids=lambda value: value.__name__,
)
def test_a_planted_fault_is_found(check: Check, plant: Callable[[Picture], Picture]) -> None:
    assert check(clean()) == []
    assert check(plant(clean())) != []


def test_two_calls_of_a_block_drawn_differently_are_found() -> None:
    picture = layout(compose(hand_made.twin_blocks()))
    assert picture_checks.congruent(picture) == []
    second = picture.frames[1]
    key = min(second.inside)
    box = next(p for p in picture.boxes if p.box.key == key)
    assert picture_checks.congruent(with_box(picture, key, y=box.y + 1)) != []
