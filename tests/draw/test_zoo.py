"""Every network of the zoo, every variant of it, folded and expanded, checked piece by piece."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from picture_checks import problems
from sampled import every, only
from work import calls

import archlang
from archlang.draw.compose import compose
from archlang.draw.layout import layout
from archlang.draw.render import render_svg
from archlang.draw.scene import Fork, boxes, items_of

ROOT = Path(__file__).parents[2]
FOUND = sorted((ROOT / "zoo").glob("*.arch")) + sorted((ROOT / "tests" / "samples").rglob("*.arch"))
FILES = [path for path in FOUND if path.stem != "blocks"]  # which has no network
RECORDED = json.loads((Path(__file__).parent / "dot_sizes.json").read_text())["sizes"]


def variants(path: Path) -> list[archlang.Model]:
    first = archlang.read(path)
    return [archlang.read(path, variant=variant) for variant in first.network.variants] or [first]


def only_there(path: Path) -> bool:
    """Whether it is the zoo's, or a sample of what the zoo has under no such name."""
    return path.parent.name == "zoo" or not (ROOT / "zoo" / path.name).exists()


AT_EVERY_PUSH = [path for path in FILES if only_there(path)][::3]


@pytest.mark.parametrize(
    "path", only(AT_EVERY_PUSH.__contains__, FILES), ids=lambda path: f"{path.parent.name}-{path.stem}"
)
def test_a_network_of_the_zoo_is_drawn_cleanly(path: Path) -> None:
    for model in variants(path):
        for expand in (False, True):
            if expand and len(model.network.graph) > 2000:
                continue  # a picture longer than a house; the speed test draws it
            assert problems(layout(compose(model.network, expand=expand))) == []


@pytest.mark.parametrize(("name", "mode"), [(name, mode) for name, sizes in RECORDED.items() for mode in sizes])
def test_a_picture_is_smaller_than_graphviz_makes_it(name: str, mode: str) -> None:
    width, height = RECORDED[name][mode]
    picture = layout(compose(archlang.read(name).network, expand=mode == "expanded"))
    assert picture.width * picture.height < width * height


@pytest.mark.parametrize("expand", every(2, [False, True]), ids=["folded", "expanded"])
def test_eleven_times_the_layers_are_little_more_than_eleven_times_the_work(*, expand: bool) -> None:
    def drawn(name: str) -> int:
        network = archlang.read(name).network
        return calls(lambda: render_svg(layout(compose(network, expand=expand))))

    assert drawn("cifar_resnet@1202") < 13 * drawn("cifar_resnet@110")


def test_a_thousand_layers_are_drawn_expanded_and_cleanly() -> None:
    picture = layout(compose(archlang.read("cifar_resnet@1202").network, expand=True))
    assert len(picture.boxes) > 1200
    assert problems(picture) == []


def test_the_depth_of_resnet_does_not_change_its_folded_picture() -> None:
    small, large = (layout(compose(archlang.read(name).network)) for name in ("resnet50", "resnet152"))
    assert [box.x for box in small.boxes] == [box.x for box in large.boxes]
    times = [item.times for item in items_of(large.scene.body) if not isinstance(item, Fork) and item.times > 1]
    assert times == [2, 7, 35, 2]


def test_googlenet_has_its_nine_inceptions_congruent_and_two_dashed_heads() -> None:
    picture = layout(compose(archlang.read("googlenet").network))
    inceptions = [placed for placed in picture.frames if placed.frame.sort == "inception"]
    assert len(inceptions) == 9
    assert len({placed.height for placed in inceptions}) == 1
    assert [placed.frame.title for placed in picture.frames if placed.frame.dashed] == ["loss1", "loss2"]


def test_unet_has_a_skip_into_each_step_up() -> None:
    picture = layout(compose(archlang.read("unet").network))
    ups = [placed for placed in picture.frames if placed.frame.title == "up"]
    entering = [{edge.source for edge in picture.edges if edge.target in up.inside} - up.inside for up in ups]
    assert [len(sources) for sources in entering] == [2, 2, 2, 2]


def test_symbolic_sizes_stand_on_the_edges() -> None:
    scene = compose(archlang.read("trunk").network)
    assert "64ch · ceil(H/2)xceil(W/2)" in scene.labels.values()
    assert all(box.key in scene.labels for box in boxes(scene.body))
