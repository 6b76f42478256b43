"""Figures for a paper's column: the trunk, and every distinct block drawn once."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from picture_checks import problems

import archlang
from archlang.cli.main import main
from archlang.diagnostics import ArchError
from archlang.draw.compose import compose
from archlang.draw.cut import cut, opened
from archlang.draw.insets import told_once
from archlang.draw.layout import layout
from archlang.draw.scene import boxes
from archlang.draw.style import Look

ZOO = ["googlenet", "resnet50", "unet", "lenet", "deeplabv3", "densenet121", "vgg16", "inceptionv4", "vit", "alexnet"]
COLUMN = round(84 * 96 / 25.4)


def told(name: str) -> tuple[list[str], list[str]]:
    """The texts of a network's trunk, and the names of its insets."""
    found = told_once(compose(archlang.read(name).network))
    return [box.rows[0].text for box in boxes(found.trunk.body)], [inset.title for inset in found.insets]


def test_each_distinct_block_is_drawn_once_and_called_by_name() -> None:
    trunk, insets = told("googlenet")
    assert insets == ["inception"]
    assert trunk.count("inception") == 9


def test_blocks_of_one_name_that_differ_are_told_apart() -> None:
    trunk, insets = told("resnet50")
    assert insets == ["bottleneck a", "bottleneck b"]
    assert trunk.count("bottleneck a") == trunk.count("bottleneck b") == 4


def test_an_inset_says_what_all_of_its_calls_share() -> None:
    (inset,) = told_once(compose(archlang.read("googlenet").network)).insets
    assert [box.rows[0].text for box in boxes(inset.body)] == [
        "input", "conv1", "conv1", "conv3", "conv1", "conv5", "maxpool3/1", "conv1", "concat",
    ]  # fmt: skip


@pytest.mark.parametrize("mono", [False, True], ids=["colours", "mono"])
@pytest.mark.parametrize("direction", ["down", "right"])
@pytest.mark.parametrize("name", ZOO)
def test_a_figure_fits_its_column(name: str, direction: str, *, mono: bool) -> None:
    root = ElementTree.fromstring(archlang.read(name).svg(style="paper", direction=direction, mono=mono))  # noqa: S314
    assert 0 < float(root.get("width", "0")) <= COLUMN
    _, _, width, height = map(float, (root.get("viewBox") or "").split())
    assert float(root.get("width", "0")) / width == pytest.approx(float(root.get("height", "0")) / height, rel=0.05)


@pytest.mark.parametrize("height", [230, 90])
@pytest.mark.parametrize("name", [*ZOO, "hed", "fcn8s", "yearbook", "inceptionv3", "vgg_face"])
def test_a_figure_is_no_longer_than_a_page_or_than_was_asked(name: str, height: int) -> None:
    root = ElementTree.fromstring(archlang.read(name).svg(style="paper", height=height))  # noqa: S314
    assert float(root.get("height", "0")) <= round(height * 96 / 25.4)
    assert float(root.get("width", "0")) <= COLUMN


@pytest.mark.parametrize("name", ["googlenet", "resnet152", "yearbook", "vgg16", "trunk"])
@pytest.mark.parametrize("pieces", [2, 3, 5])
def test_a_trunk_in_columns_has_each_box_once_and_goes_on_where_it_stopped(name: str, pieces: int) -> None:
    trunk = told_once(compose(archlang.read(name).network)).trunk
    parts = cut(layout(trunk), pieces)
    assert len(parts) <= pieces
    found: list[int] = []
    for number, part in enumerate(parts):
        keys = [box.key for box in boxes(part.body)]
        assert problems(layout(part)) == []
        if number:
            entering = next(boxes(part.body))
            letter = chr(ord("A") + number - 1)
            assert entering.rows[0].text == letter
            assert parts[number - 1].results[entering.key] == letter
            keys = keys[1:]
        found += keys
    assert found == [box.key for box in boxes(trunk.body)]


def test_a_long_trunk_is_cut_where_that_leaves_the_letters_larger() -> None:
    svg = archlang.read("googlenet").svg(style="paper")
    assert ">A</text>" in svg
    assert ">A</text>" not in archlang.read("lenet").svg(style="paper")


def test_a_net_that_another_is_built_on_is_cut_as_if_it_stood_there_itself() -> None:
    """VGG-Face is VGG in a frame: its figure is not made smaller than VGG's own in the same height."""
    own, framed = (
        ElementTree.fromstring(archlang.read(name).svg(style="paper", height=90))  # noqa: S314
        for name in ("vgg16", "vgg_face")
    )

    def scale(root: ElementTree.Element) -> float:
        return float(root.get("width", "0")) / float((root.get("viewBox") or "").split()[2])

    assert scale(framed) > 0.9 * scale(own)
    trunk = opened(told_once(compose(archlang.read("vgg_face").network)).trunk)
    [first, second] = cut(layout(trunk), 2)
    assert [box.key for box in boxes(first.body)] + [box.key for box in boxes(second.body)][1:] == [
        box.key for box in boxes(trunk.body)
    ]


@pytest.mark.parametrize("name", ZOO)
def test_in_black_and_white_there_is_no_colour(name: str) -> None:
    text = archlang.read(name).svg(style="paper", mono=True)
    colours = set(re.findall(r'"#([0-9A-F]{6})"', text))
    assert colours
    assert all(colour[:2] == colour[2:4] == colour[4:] for colour in colours)
    assert ElementTree.fromstring(text) is not None  # noqa: S314 - our own


def test_in_black_and_white_families_differ_by_grey_weight_or_dashes() -> None:
    text = archlang.read("googlenet").svg(style="paper", mono=True)
    looks = {}
    for family in ("conv", "pool", "linear", "concat", "closed"):
        found = re.search(rf'<g class="layer {family}"[^>]*>.*?<rect [^>]*rx="5" ([^>]*)/>', text, re.DOTALL)
        if found:
            looks[family] = re.sub(r'stroke="[^"]*"', "", found[1])
    assert len(looks) >= 4
    assert len(set(looks.values())) == len(looks)


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf", "tex"])
def test_every_format_has_it(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"net.{suffix}"
    assert main(["draw", "resnet50", "--style", "paper", "--mono", "--width", "3.3in", "-o", str(path)]) == 0
    assert path.stat().st_size > 1000


def test_a_figure_in_tikz_is_as_wide_as_was_asked() -> None:
    from archlang.draw.tikz import tikz

    svg = archlang.read("googlenet").svg(style="paper", width=60, height=500)
    unit = float((re.search(r"\[x=([\d.]+)bp", tikz(svg)) or [""])[1])
    width = float((re.search(r'viewBox="0 0 (\d+)', svg) or [""])[1])
    assert unit * width * 25.4 / 72 == pytest.approx(60, abs=0.3)


@pytest.mark.parametrize(
    ("look", "said"),
    [
        ({"style": "netscope", "mono": True}, "are for a paper's figure"),
        ({"style": "paper", "width": 1.0}, "cannot be 1.0 mm wide"),
        ({"style": "paper", "height": 9000.0}, "cannot be 9000.0 mm high"),
        ({"style": "netscope", "height": 100.0}, "are for a paper's figure"),
    ],
)
def test_what_cannot_be_is_said(look: Look, said: str) -> None:
    with pytest.raises(ArchError) as caught:
        archlang.read("lenet").svg(**look)
    assert said in caught.value.diagnostics[0].message
