"""Pictures of networks made by hand and of random ones, checked piece by piece."""

from __future__ import annotations

from collections.abc import Callable

import hand_made
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from picture_checks import problems
from random_networks import networks
from work import calls

from archlang.draw.compose import compose
from archlang.draw.layout import layout
from archlang.ir.network import Network

BY_HAND = (
    hand_made.googlenet_like,
    hand_made.resnet_like,
    hand_made.unet_like,
    hand_made.dense_like,
    hand_made.towers_like,
)


@pytest.mark.parametrize("expand", [False, True])
@pytest.mark.parametrize("make", BY_HAND, ids=lambda make: make.__name__)
def test_a_network_made_by_hand_is_drawn_cleanly(make: Callable[[], Network], *, expand: bool) -> None:
    assert problems(layout(compose(make(), expand=expand))) == []


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(network=networks(), expand=st.booleans())
def test_any_wiring_in_any_nesting_is_drawn_cleanly(network: Network, *, expand: bool) -> None:
    for node in network.graph:
        note(f"{node.id} {node.op.word} {node.inputs} {' '.join(scope.kind for scope in node.scope.chain())}")
    note(str([result.output for result in network.results]))
    assert problems(layout(compose(network, expand=expand))) == []


def test_the_same_network_gives_the_same_picture() -> None:
    one, other = (layout(compose(hand_made.googlenet_like())) for _ in range(2))
    assert (one.boxes, one.edges, one.tags) == (other.boxes, other.edges, other.tags)


def test_a_hundred_times_the_blocks_take_little_more_than_a_hundred_times_the_work() -> None:
    def drawn(count: int) -> int:
        network = hand_made.resnet_like((count,))
        return calls(lambda: layout(compose(network, expand=True)))

    assert drawn(500) < 120 * drawn(5)
