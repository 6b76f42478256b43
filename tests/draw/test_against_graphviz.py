"""Our layout keeps to the figures that were recorded beside Graphviz's, and the documentation shows them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from measures import graphviz, ours, table

import archlang
from archlang.draw.compose import compose
from archlang.draw.layout import layout

RECORDED = json.loads((Path(__file__).parent / "graphviz.json").read_text())["networks"]
SLACK = 1.1  # a network of the zoo may be told more truly than when it was measured


@pytest.mark.parametrize("name", RECORDED)
def test_a_layout_is_no_worse_than_recorded(name: str) -> None:
    now, then = ours(layout(compose(archlang.read(name).network))), RECORDED[name]["ours"]
    assert now["crossings"] <= then["crossings"]
    assert now["area"] <= SLACK * then["area"]
    assert now["length"] <= SLACK * then["length"]


def test_most_pictures_are_smaller_and_cross_no_more_than_graphviz_draws_them() -> None:
    def won(what: str) -> int:
        return sum(1 for both in RECORDED.values() if both["ours"][what] <= both["graphviz"][what])

    assert won("area") >= 0.9 * len(RECORDED)
    assert won("crossings") >= 0.85 * len(RECORDED)
    assert won("milliseconds") == len(RECORDED)


def test_the_documentation_shows_the_recorded_figures() -> None:
    assert table(RECORDED) in (Path(__file__).parents[2] / "docs" / "drawing.md").read_text()


def test_a_crossing_is_counted_once_where_curves_cross() -> None:
    text = json.dumps(
        {
            "bb": "0,0,100,50",
            "objects": [{"_gvid": i, "name": f"n{i}"} for i in range(4)],
            "edges": [
                {"tail": 0, "head": 1, "pos": "e,90,40 0,0 30,13 60,27 90,40"},
                {"tail": 2, "head": 3, "pos": "0,40 30,27 60,13 90,0"},
                {"tail": 2, "head": 1, "pos": "0,40 30,27 60,13 90,0"},
            ],
        }
    )
    found = graphviz(text)
    assert found["crossings"] == 1
    assert found["area"] == 5000
    assert found["length"] == pytest.approx(3 * (90**2 + 40**2) ** 0.5, abs=1)
