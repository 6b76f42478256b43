"""Level pieces in a gap: whatever goes where, each tensor gets its track."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archlang.draw.tracks import Net, assign_tracks

ASIDE = 7


def net(key: int, start: int, *ends: int) -> Net:
    return Net(key, start, ends, leaving=False)


@pytest.mark.parametrize(
    "nets",
    [
        [net(0, 10, 20), net(1, 20, 10)],
        [net(0, 60, 30), net(1, 50, 30), net(2, 70, 50), net(3, 30, 0, 60)],  # 1 waits for a circle that it is not in
        [net(0, 20, 30), net(1, 30, 40, 70), net(2, 60, 10), net(3, 90, 50, 60), net(4, 50, 80, 90)],
    ],
)
def test_where_tensors_go_round_in_a_circle_one_of_it_gives_way(nets: list[Net]) -> None:
    routes = assign_tracks(nets, ASIDE)
    assert routes.keys() == {one.key for one in nets}
    assert any(route.bend for route in routes.values())


@settings(deadline=1000)
@given(st.permutations(range(0, 160, 10)), st.data())
def test_every_tensor_gets_a_track_below_those_that_come_down_where_it_goes_on(
    xs: list[int], data: st.DataObject
) -> None:
    ends = st.lists(st.sampled_from(xs), min_size=1, max_size=3, unique=True)
    nets = [Net(key, xs[key], tuple(sorted(data.draw(ends))), data.draw(st.booleans())) for key in range(8)]
    routes = assign_tracks(nets, ASIDE)
    assert routes.keys() == {one.key for one in nets if not one.straight}
    for upper in nets:
        for lower in nets:
            if upper.key == lower.key or upper.start not in lower.ends or upper.straight or lower.straight:
                continue
            first = routes[upper.key].bend[1] if routes[upper.key].bend else routes[upper.key].track
            assert first < routes[lower.key].track
