"""Pictures that run to the right, and tensors as boxes in space: everything clear of everything, as down the page."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import hand_made
import pytest
from hypothesis import HealthCheck, given, settings
from picture_checks import (
    boxes_apart,
    congruent,
    edges_apart,
    edges_arrive,
    edges_clear,
    frames_hold_theirs,
    inside_page,
    overlap,
    rect,
    trunk_straight,
)
from random_networks import networks

import archlang
from archlang.diagnostics import ArchError
from archlang.draw import draw, svg
from archlang.draw.compose import compose
from archlang.draw.layout import layout
from archlang.draw.metrics import text_width
from archlang.draw.picture import Picture
from archlang.draw.solids import Scale, faces
from archlang.draw.spacing import RIGHT
from archlang.draw.style import Look
from archlang.draw.theme import LABEL_SIZE
from archlang.draw.turn import turned
from archlang.ir.network import Network

CHECKS = (
    boxes_apart,
    frames_hold_theirs,
    edges_clear,
    edges_arrive,
    edges_apart,
    trunk_straight,
    congruent,
    inside_page,
)
ZOO = ["googlenet", "resnet50", "unet", "lenet", "deeplabv3", "densenet121", "vgg16", "inceptionv4", "vit", "alexnet"]


def problems(picture: Picture) -> list[str]:
    """What is wrong with a picture that runs to the right, found with it mirrored back, and in its text as it is."""
    found = [problem for check in CHECKS for problem in check(turned(picture))]
    for placed in picture.boxes:
        for line in placed.writing.lines:
            if text_width(line.text, line.size, bold=line.bold) > placed.width - 6:
                found.append(f"`{line.text}` is wider than its box")
            if not 5 <= line.middle <= placed.height - 5:
                found.append(f"`{line.text}` is outside its box")
    half = {tag: text_width(tag.text, LABEL_SIZE) // 2 for tag in picture.tags}
    labels = {tag: (tag.x - half[tag], tag.y - 5, tag.x + half[tag], tag.y + 5) for tag in picture.tags}
    for (one, a), (other, b) in combinations(labels.items(), 2):
        if overlap(a, b):
            found.append(f"labels {one.text} and {other.text} overlap")
    for tag, place in labels.items():
        found += [f"label {tag.text} lies on n{p.box.key}" for p in picture.boxes if overlap(place, rect(p))]
    return found


@pytest.mark.parametrize("expand", [False, True], ids=["folded", "expanded"])
@pytest.mark.parametrize("name", ZOO)
def test_a_network_of_the_zoo_runs_to_the_right_cleanly(name: str, *, expand: bool) -> None:
    assert problems(layout(compose(archlang.read(name).network, expand=expand), RIGHT)) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(networks())
def test_any_wiring_runs_to_the_right_cleanly(network: Network) -> None:
    assert problems(layout(compose(network), RIGHT)) == []


def test_arrows_point_to_the_right() -> None:
    text = svg(hand_made.googlenet_like(), direction="right")
    heads = re.findall(r'/><path d="M(\S+) (\S+)L(\S+) (\S+)L(\S+) (\S+)Z"', text)
    assert heads
    for head in heads:
        x, y, tip_x, tip_y, other_x, other_y = map(float, head)
        assert x == other_x < tip_x
        assert y < tip_y < other_y


@pytest.mark.parametrize("name", ZOO)
def test_a_network_of_the_zoo_is_drawn_as_blocks_that_stay_on_the_page(name: str) -> None:
    root = ElementTree.fromstring(archlang.read(name).svg(style="blocks3d"))  # noqa: S314 - our own
    width = float(root.get("width", "0"))
    texts = [element for element in root.iter() if element.tag.endswith("text")]
    assert max(float(element.get("x", "0")) for element in texts) < width
    layers = [element for element in root.iter() if (element.get("class") or "").startswith("layer")]
    solids = [element for element in root.iter() if element.get("class") == "solid"]
    assert len(solids) >= 3 * len(layers) > 0
    assert any("square root" in (element.text or "") for element in texts)


def test_solids_are_to_scale_and_bars_are_flat() -> None:
    scale = Scale([(3, 224, 224), (64, 56, 56), (256, 56, 14), (4096,), (1000,)])
    large, small = scale.solid((3, 224, 224)), scale.solid((64, 56, 56))
    assert large.high == 2 * small.high  # a quarter of the side, and the square root of that
    assert scale.solid((256, 56, 56)).deep == 2 * small.deep
    assert scale.solid((256, 56, 14)).away == small.away // 2
    assert scale.solid((4096,)).away == 0
    assert scale.solid((4096,)).high == pytest.approx(scale.solid((1000,)).high * 4.096**0.5, abs=1)
    front, top, side = faces(small, 0, 0)
    assert front.count("L") == top.count("L") == side.count("L") == 3


def test_a_block_of_symbolic_size_is_drawn_all_the_same() -> None:
    model = archlang.parse("net A { input 3xHxW\n conv3-8\n conv3-16/2 }")
    assert 'class="solid"' in model.svg(style="blocks3d")


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf", "tex"])
@pytest.mark.parametrize("look", [{"style": "blocks3d"}, {"direction": "right"}], ids=["blocks3d", "right"])
def test_every_format_has_every_look(tmp_path: Path, suffix: str, look: Look) -> None:
    assert draw(hand_made.googlenet_like(), tmp_path / f"net.{suffix}", **look).stat().st_size > 1000


@pytest.mark.parametrize(
    ("look", "name", "said"),
    [
        ({"style": "cubist"}, "net.svg", "there is no style `cubist`"),
        ({"direction": "up"}, "net.svg", "cannot run `up`"),
        ({"style": "blocks3d", "direction": "down"}, "net.svg", "to the right alone"),
        ({"style": "blocks3d"}, "net.dot", "a look of its own"),
        ({"style": "blocks3d"}, "net.html", "a page has a look of its own"),
        ({"direction": "right", "engine": "dot"}, "net.svg", "a look of its own"),
    ],
)
def test_a_look_that_there_is_not_is_an_error(tmp_path: Path, look: Look, name: str, said: str) -> None:
    with pytest.raises(ArchError) as caught:
        archlang.read("lenet").draw(tmp_path / name, **look)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "picture-style"
    assert said in diagnostic.message
    assert diagnostic.help
    assert list(tmp_path.iterdir()) == []
