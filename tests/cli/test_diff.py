"""`archlang diff` and `archlang solve`, as they are typed."""

from __future__ import annotations

import json
import re

import pytest

from archlang.cli import main

SMALL = "net A { input 3x8x8; conv3-4 as first; gap; FC-2 }"
WIDER = "net A { input 3x8x8; conv3-8 as first; relu; gap; FC-2 }"


@pytest.fixture
def printed(capsys):
    def run(*argv):
        status = main.main(list(argv))
        return capsys.readouterr().out, status

    return run


@pytest.fixture
def two(tmp_path):
    paths = tmp_path / "one.arch", tmp_path / "other.arch"
    for path, text in zip(paths, (SMALL, WIDER), strict=True):
        path.write_text(text, "utf-8")
    return [str(path) for path in paths]


def test_the_longer_resnet_is_said_in_two_lines(printed):
    text, status = printed("diff", "resnet50", "resnet101")
    assert status == 0
    assert re.search(r"layer3: 6 -> 23 bottleneck +\+19.0 M", text)
    assert re.search(r"\+ 17 x bottleneck +\+19.0 M", text)
    assert "25,557,032 -> 44,549,160 (+18,992,128, +74.3%)" in text


def test_a_changed_option_is_said_from_what_to_what(printed, two):
    text, _ = printed("diff", *two)
    assert "conv3-4 -> conv3-8 (out 4 -> 8)" in text
    assert "+ relu" in text


def test_equal_networks_are_said_to_be(printed, two):
    assert printed("diff", "vgg@D", "vgg@D") == ("VGG@D -> VGG@D: no difference\n", 0)
    assert printed("diff", two[0], two[0], "--exit-code")[1] == 0


def test_only_when_asked_a_difference_ends_with_one(printed, two):
    assert printed("diff", *two)[1] == 0
    assert printed("diff", *two, "--exit-code")[1] == 1


@pytest.mark.parametrize("pair", [("vgg@A", "vgg@E"), ("resnet18", "resnet50"), ("alexnet", "googlenet")])
def test_json_s_changes_add_up_to_its_totals(printed, pair):
    said = json.loads(printed("diff", *pair, "--format", "json")[0])
    for what in ("params", "macs", "activation_bytes"):
        found = sum(line[what] for section in said["sections"] for line in section["changes"])
        totals = said["totals"]
        assert found == totals["difference"][what] == totals["right"][what] - totals["left"][what]


def test_the_picture_has_both_in_their_colours(printed, two, tmp_path):
    out = tmp_path / "both.svg"
    printed("diff", two[1], two[0], "-o", str(out))
    text = out.read_text("utf-8")
    ids = re.findall(r'id="(\w+)"', text)
    assert len(ids) == len(set(ids))
    classes = re.findall(r'class="layer (\w+)"', text)
    assert set(classes) == {"same", "changed", "resized"}
    assert len(set(re.findall(r'data-to="(n\d+)"', text)) - set(ids)) == 0


def test_what_only_one_has_is_dashed_red_or_green(printed, tmp_path):
    out = tmp_path / "both.svg"
    printed("diff", "vgg@D", "vgg@A", "-o", str(out))
    removed = re.findall(r'class="layer removed".*?</g>', out.read_text("utf-8"), re.DOTALL)
    assert len(removed) == 5
    assert all("stroke-dasharray" in box for box in removed)
    printed("diff", "vgg@A", "vgg@D", "-o", str(out))
    assert len(re.findall('class="layer added"', out.read_text("utf-8"))) == 5


def test_a_name_that_would_be_markup_is_text(printed, two, tmp_path):
    evil = tmp_path / 'a"&<script>x.arch'
    evil.write_text("input 3x8x8\nconv3-4\ngap\nFC-2\n", "utf-8")
    out = tmp_path / "both.svg"
    assert printed("diff", str(evil), two[0], "-o", str(out))[1] == 0
    text = out.read_text("utf-8")
    assert "<script" not in text
    assert "&lt;script" in text


def test_a_picture_s_name_is_looked_at_before_anything_is_read(printed, tmp_path):
    assert printed("diff", "nowhere", "nothing", "-o", str(tmp_path / "x.gif"))[1] == 2


def test_solve_prints_the_u_net_s_rule(printed):
    text, status = printed("solve", "unet")
    assert status == 0
    assert re.search(r"where nothing is rounded +188 \+ 16k: 188, 204, 220, \.\.\.", text)
    assert re.search(r"d4 +8 +68 +33.5 +512x\(floor\(\(H - 60\)/8\)\)", text)


def test_solve_says_what_a_label_sees_in_json(printed):
    said = json.loads(printed("solve", "googlenet", "--format", "json", "--most", "300")[0])
    label = next(label for label in said["labels"] if label["label"] == "i4a")
    assert label["receptive_field"] == [171, 171]
    assert label["formula"] == [512, "floor((H + 1)/16)", "floor((W + 1)/16)"]
    assert said["legal"]["smallest"] == 223


@pytest.mark.parametrize("most", ["0", "99999", "many"])
def test_a_size_to_try_up_to_is_a_number_in_its_limits(most, capsys):
    with pytest.raises(SystemExit) as caught:
        main.main(["solve", "lenet", "--most", most])
    assert caught.value.code == 2
    assert "no size to try up to" in capsys.readouterr().err
