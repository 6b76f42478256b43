"""The page's layout and the picture's put everything in the same place, folded and unfolded, to the pixel."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
import quickjs
import sampled
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from picture_checks import problems
from random_networks import networks

import archlang
from archlang.draw.compose import compose, compose_to_fold
from archlang.draw.layout import layout
from archlang.draw.picture import Picture
from archlang.draw.scene import Column, Frame, Item, Repeat, Scene, inside
from archlang.draw.shown import State, shown
from archlang.ir.network import Network
from archlang.page.scene import scene_record
from archlang.page.script import script
from archlang.zoo_names import names

PLACES = """
function places(text, names) {
  const [unfolded, closed] = JSON.parse(names).map((list) => new Set(list));
  const at = layout(shown(JSON.parse(text), {unfolded, closed}));
  return JSON.stringify({
    size: [at.width, at.height, at.axis],
    boxes: at.boxes.map((p) => [p.box.k, p.x, p.y, p.width, p.height]),
    frames: at.frames.map((p) => [p.frame.F, p.x, p.y, p.width, p.height, p.depth]),
    edges: at.edges.map((e) => [e.from, e.to, e.points]),
    tags: at.tags.map((t) => [t.key, t.text, t.x, t.y, t.depth]),
  });
}
"""


@pytest.fixture(scope="module")
def page() -> Any:
    context = quickjs.Context()
    context.set_max_stack_size(8 * 1024 * 1024)
    context.eval(script() + PLACES)
    return context.get("places")


def placed(picture: Picture) -> dict[str, Any]:
    return {
        "size": [picture.width, picture.height, picture.axis],
        "boxes": [[p.box.key, p.x, p.y, p.width, p.height] for p in picture.boxes],
        "frames": [[p.frame.name, p.x, p.y, p.width, p.height, p.depth] for p in picture.frames],
        "edges": [[e.source, e.target, [list(point) for point in e.points]] for e in picture.edges],
        "tags": [[t.key, t.text, t.x, t.y, t.depth] for t in picture.tags],
    }


def foldable(part: Item | Column) -> Iterator[tuple[str, str]]:
    """The repeats and frames of a scene, the hidden ones too: what a reader may ever click."""
    if isinstance(part, Frame):
        yield "closed", part.name
    if isinstance(part, Repeat):
        yield "unfolded", part.name
        yield "closed", part.name
        for copy in part.copies:
            for item in copy:
                yield from foldable(item)
    for inner in inside(part):
        yield from foldable(inner)


def some_state(scene: Scene, seed: int) -> State:
    """Each repeat unfolded and each frame closed or not, by chance."""
    chance = random.Random(seed)
    share = {"unfolded": chance.choice((0.0, 0.5, 1.0)), "closed": chance.choice((0.0, 0.1, 0.4))}
    picked = [(kind, name) for kind, name in dict.fromkeys(foldable(scene.body)) if chance.random() < share[kind]]
    return State(
        frozenset(name for kind, name in picked if kind == "unfolded"),
        frozenset(name for kind, name in picked if kind == "closed"),
    )


def compare(page: Any, scene: Scene, state: State) -> None:
    picture = layout(shown(scene, state))
    names_of_state = json.dumps([sorted(state.unfolded), sorted(state.closed)])
    there = json.loads(page(json.dumps(scene_record(scene)), names_of_state))
    assert there == placed(picture)
    assert problems(picture) == []


@pytest.mark.parametrize("name", sampled.every(4, names()))
def test_every_network_of_the_zoo_has_each_thing_in_one_place(page: Any, name: str) -> None:
    scene = compose_to_fold(archlang.read(name).network)
    for state in (State(), *(some_state(scene, seed) for seed in range(4))):
        compare(page, scene, state)


def whole_states(scene: Scene) -> tuple[State, ...]:
    """As it opens, every copy drawn, every part closed."""
    every = tuple(dict.fromkeys(foldable(scene.body)))
    unfolded, closed = (frozenset(name for kind, name in every if kind == one) for one in ("unfolded", "closed"))
    return State(), State(unfolded, frozenset()), State(frozenset(), closed)


@pytest.mark.slow
@pytest.mark.parametrize("name", names())
def test_every_variant_of_the_zoo_has_each_thing_in_one_place_folded_and_unfolded(page: Any, name: str) -> None:
    for variant in archlang.read(name).network.variants or (None,):
        network = archlang.read(name, variant=variant).network
        if len(network.graph) <= 1500:  # a thousand blocks of one kind show what a hundred show
            scene = compose_to_fold(network)
            for state in whole_states(scene):
                compare(page, scene, state)


@pytest.mark.parametrize("name", ["resnet152", "densenet201", "unet", "googlenet"])
def test_what_nobody_has_folded_stands_as_in_the_picture(name: str) -> None:
    network = archlang.read(name).network
    assert placed(layout(shown(compose_to_fold(network)))) == placed(layout(compose(network)))


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(network=networks(), seed=st.integers(0, 1000))
def test_any_wiring_in_any_nesting_has_each_thing_in_one_place(page: Any, network: Network, seed: int) -> None:
    scene = compose_to_fold(network)
    compare(page, scene, some_state(scene, seed))
