"""Chains that go on from a tensor further up stand beside what they pass by."""

from __future__ import annotations

from picture_checks import problems

import archlang
from archlang.draw.asides import MOST
from archlang.draw.compose import compose
from archlang.draw.layout import layout
from archlang.draw.scene import Box, Column, Fork, Scene, boxes, items_of

TRUNK = "input 3x32x32\nconv3-8 as a\nconv3-8\nconv3-8 as b\nconv3-8\n"


def drawn(text: str) -> Scene:
    scene = compose(archlang.parse(text).network)
    assert problems(layout(scene)) == []
    return scene


def forks(scene: Scene) -> list[Fork]:
    return [item for item in items_of(scene.body) if isinstance(item, Fork)]


def test_an_output_from_further_up_stands_beside_what_it_passes_by() -> None:
    scene = drawn(f"{TRUNK}from a: conv1-2 as side\n")
    (fork,) = forks(scene)
    assert fork.straight == 0
    assert [len(list(boxes(column))) for column in fork.columns] == [3, 1]


def test_outputs_of_one_tensor_stand_side_by_side() -> None:
    scene = drawn(f"{TRUNK}from a: conv1-2 as one\nfrom a: conv1-2 as two\n")
    (fork,) = forks(scene)
    assert [len(list(boxes(column))) for column in fork.columns] == [3, 1, 1]


def test_a_chain_further_down_stands_within_the_column_of_the_trunk() -> None:
    outer, inner = forks(drawn(f"{TRUNK}from a: conv1-2; relu; conv1-2 as one\nfrom b: conv1-2 as two\n"))
    assert inner in outer.columns[0].items
    assert [len(list(boxes(column))) for column in inner.columns] == [1, 1]


def test_what_goes_on_from_the_end_of_a_chain_stands_under_it() -> None:
    (fork,) = forks(drawn(f"{TRUNK}from a: conv1-2 as one\nfrom one: conv1-2 as more\n"))
    assert [len(list(boxes(column))) for column in fork.columns] == [3, 2]


def test_what_joins_the_trunk_again_is_read_below() -> None:
    scene = drawn(f"{TRUNK}conv3-8 as c\nfrom a: conv1-8; conv1-8 as one\nfrom one, c: add\nconv3-8\n")
    (fork,) = forks(scene)
    assert scene.body.items[-1] is not fork


def test_a_longer_chain_stands_on_the_line_of_the_trunk() -> None:
    (fork,) = forks(drawn(f"{TRUNK}from b: conv3-8; conv3-8; conv3-8; conv3-8\n"))
    assert fork.straight == 1


def test_the_outputs_of_hed_stand_beside_its_trunk() -> None:
    scene = compose(archlang.read("hed").network)
    assert len(forks(scene)) == 5
    straight: Column = scene.body
    while inner := next((item for item in straight.items if isinstance(item, Fork)), None):
        assert inner.straight == 0
        straight = inner.columns[0]
    last = straight.items[-1]
    assert isinstance(last, Box)


def test_very_many_chains_are_no_depth_that_nothing_draws() -> None:
    trunk = "".join(f"conv3-8 as a{n}\n" for n in range(200))
    heads = "".join(f"from a{n}: conv1-8 as h{n}\n" for n in range(200))
    scene = drawn(f"input 3x32x32\n{trunk}{heads}")
    assert 1 < len(forks(scene)) <= MOST
