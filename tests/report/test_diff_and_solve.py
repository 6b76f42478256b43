"""`Model.diff`, `Model.solve` and `Model.table`: what the commands print, from Python."""

import json

import pytest

import archlang
from archlang.cli import main


def printed(capsys, *argv):
    assert main.main(list(argv)) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("kind", ["text", "json"])
def test_a_difference_is_what_the_command_prints(capsys, kind):
    found = archlang.read("resnet18").diff(archlang.read("resnet34"), kind)
    assert found == printed(capsys, "diff", "resnet18", "resnet34", "--format", kind)


def test_a_difference_is_drawn_if_a_picture_is_asked_for(tmp_path):
    archlang.read("lenet").diff(archlang.read("lenet@5"), picture=tmp_path / "both.svg")
    assert "added" in (tmp_path / "both.svg").read_text("utf-8")


@pytest.mark.parametrize("kind", ["text", "json"])
def test_a_solution_is_what_the_command_prints(capsys, kind):
    assert archlang.read("lenet").solve(kind, most=64) == printed(
        capsys, "solve", "lenet", "--most", "64", "--format", kind
    )


def test_a_solution_is_of_the_network_with_its_parameters():
    few, many = (archlang.parse("net A(n=1) { input 1x64x64\nmaxpool x n\ngap\nFC-2 }", n=n) for n in (1, 5))
    exact = [json.loads(model.solve("json", most=256))["exact"]["smallest"] for model in (few, many)]
    assert exact == [2, 32]


def test_labels_inside_blocks_are_told_of_only_if_asked_for():
    model = archlang.parse("input 3x8x8\nblock b { conv3-4 as inner }\nb as one\nb as two\ngap\nFC-2")
    assert "one.inner" not in model.solve(most=8)
    assert "two.inner" in model.solve(most=8, inside=True)


def test_labels_inside_stages_are_told_of_but_not_those_of_copies():
    text = archlang.read("vgg_torchvision@16").solve(most=64)
    assert "features.pool5 " in text
    dense = archlang.read("densenet@121").solve(most=64)
    assert "features.norm5 " in dense
    assert "denselayer" not in dense.partition("label")[2]


def test_a_table_is_of_the_variant_alone():
    text = archlang.read("vgg@D").table()
    assert text == archlang.table("vgg@D")
    assert "| output | D |" in text


@pytest.mark.parametrize(
    "ask", [lambda m: m.diff(m, "xml"), lambda m: m.solve("xml", most=8), lambda m: m.table("xml")]
)
def test_a_format_that_there_is_not_is_named(ask):
    with pytest.raises(ValueError, match="xml"):
        ask(archlang.read("lenet"))
