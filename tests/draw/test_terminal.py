"""Pictures in box characters: as wide as was asked, whole, and nothing in them that a terminal obeys."""

from __future__ import annotations

import re
from pathlib import Path

import hand_made
import pytest
from hypothesis import HealthCheck, given, settings
from random_networks import networks

import archlang
from archlang.cli.main import main
from archlang.draw import draw
from archlang.draw.cells import cells
from archlang.draw.compose import compose
from archlang.draw.export import text
from archlang.draw.scene import boxes
from archlang.ir.network import Network
from archlang.ir.scope import Kind

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
ZOO = ["googlenet", "resnet50", "unet", "lenet", "deeplabv3", "densenet121", "vgg16", "inceptionv4", "vit", "alexnet"]


def whole(drawn: str, network: Network) -> bool:
    """Whether every box stands there: as many upper left corners as boxes."""
    return drawn.count("┌╌") + len(re.findall(r"┌─+┐", drawn)) >= sum(1 for _ in boxes(compose(network).body))


WIDTHS = [(name, columns) for name in ZOO for columns in (200, 100, 80) if (name, columns) != ("deeplabv3", 80)]
"""DeepLab's head that only trains stands beside its other one, with the picture's size led to both: 92 columns."""


@pytest.mark.parametrize(("name", "columns"), [*WIDTHS, ("deeplabv3", 92)])
def test_a_network_of_the_zoo_keeps_to_the_width(name: str, columns: int) -> None:
    network = archlang.read(name).network
    drawn = text(network, columns)
    assert max(cells(line) for line in drawn.splitlines()) <= columns
    assert not any(line.endswith("…") for line in drawn.splitlines()[3:])
    assert whole(drawn, network)


def test_a_small_network_is_drawn_like_this() -> None:
    model = archlang.parse("net A { input 3x8x8\n conv3-4; bn; relu\n maxpool2/2 }")
    assert model.network is not None
    drawn = text(model.network, 40).splitlines()[3:]
    assert drawn == DRAWN


DRAWN = [
    "┌───────────┐",
    "│    data   │",
    "└───────────┘",
    "      │",
    "  3ch · 8x8",
    "      ▼",
    "┌───────────┐",
    "│  conv3-4  │",
    "│ bn · relu │",
    "└───────────┘",
    "      │",
    "  4ch · 8x8",
    "      ▼",
    "┌───────────┐",
    "│  maxpool  │",
    "└───────────┘",
    "      │",
    "  4ch · 4x4",
    "      ▼",
]


def test_branches_stand_side_by_side_where_there_is_room_and_one_under_another_where_not() -> None:
    network = archlang.read("inception_module").network
    wide, narrow = text(network, 100), text(network, 40)
    assert any(line.count("┌") > 2 for line in wide.splitlines())
    assert all(line.count("┌──") < 2 for line in narrow.splitlines()[3:])
    assert max(map(cells, narrow.splitlines())) <= 40
    assert "…" not in narrow.partition("\n\n")[2]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(networks())
def test_any_wiring_is_drawn_whole(network: Network) -> None:
    drawn = text(network, 1000)
    assert whole(drawn, network)
    assert max(map(cells, drawn.splitlines())) <= 1000


def test_colours_change_nothing_but_colours() -> None:
    network = hand_made.googlenet_like()
    painted = text(network, 100, colours=True)
    assert "\x1b[" in painted
    assert ESCAPES.sub("", painted) == text(network, 100)
    assert all(line.rfind("\x1b[0m") == line.rfind("\x1b") for line in painted.splitlines())


def test_names_are_shown_and_not_obeyed() -> None:
    b = hand_made.Builder("a\x1b[31mb\x07")
    b.input(3, 8, 8)
    with b.scope(Kind.BLOCK, "日本語\x1b]0;x\x07", label="😀" * 60):
        b.conv(8)
    drawn = text(b.network(), 60)
    assert "\x1b" not in drawn
    assert "\x07" not in drawn
    assert "日本語" in drawn
    assert max(map(cells, drawn.splitlines())) <= 60


def test_repeats_are_folded_unless_every_copy_is_asked_for() -> None:
    network = archlang.read("vgg16").network
    assert "conv3-64 x2" in text(network, 80)
    assert "conv3-64 x2" not in text(network, 80, expand=True)


def test_the_suffix_txt_writes_it(tmp_path: Path) -> None:
    network = hand_made.googlenet_like()
    assert draw(network, tmp_path / "net.txt").read_text() == text(network)
    assert max(map(cells, draw(network, tmp_path / "net.txt", columns=60).read_text().splitlines())) <= 60


def test_the_command_draws_here_without_colours_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", "lenet", "--terminal", "--columns", "60"]) == 0
    assert capsys.readouterr().out == text(archlang.read("lenet").network, 60)


@pytest.mark.parametrize(
    "more", [["-o", "a.txt"], ["--style", "blocks3d"], ["--direction", "right"], ["--columns", "3"]]
)
def test_what_cannot_be_drawn_here_is_said(more: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = main(["draw", "lenet", "--terminal", *more])
    except SystemExit as left:
        code = left.code
    assert code == 2
    assert "leave out" in (said := capsys.readouterr().err) or "12 to 1000" in said
