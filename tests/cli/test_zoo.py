"""`archlang zoo` lists what comes along, and `archlang zoo check` proves what is claimed."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from functools import cache

import pytest

from archlang import resources
from archlang.cli import main

WRONG = """
net Wrong {
  variant small, large
  input 1x28x28
  conv5-20(pad=0)        => 20x24x24
  maxpool                => 20x13x12
  FC-10
  expect params == 30K but 29.3K "the paper rounds" @small
  expect depth == 3      @large
}
"""


@cache
def printed(*argv):
    """`printed("zoo", "--all")`: what a command prints, and how it ends."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        status = main.main(list(argv))
    return out.getvalue(), status


@pytest.fixture
def wrong(tmp_path):
    path = tmp_path / "wrong.arch"
    path.write_text(WRONG)
    return str(path)


def test_the_list_has_a_row_for_every_file_of_the_zoo():
    out, status = printed("zoo", "--format", "json")
    listed = {row["name"].partition(":")[0] for row in json.loads(out)}
    assert (listed, status) == ({path.stem for path in resources.zoo().glob("*.arch")}, 0)


def test_a_row_has_paper_year_input_parameters_and_macs():
    rows = {row["name"]: row for row in json.loads(printed("zoo", "--format", "json")[0])}
    known = {"year": 2014, "input": "3x224x224", "params": 6_998_552, "params_train": 13_378_280}
    known |= {"name": "googlenet", "macs": 1_582_671_872, "paper": "arXiv:1409.4842"}
    assert rows["googlenet"] | known == rows["googlenet"]
    assert rows["resnet"]["variant"] == "50"
    assert rows["resnet"]["variants"][:3] == ["18", "34", "50"]


def test_with_all_every_variant_has_a_row():
    rows = json.loads(printed("zoo", "--all", "--format", "json")[0])
    assert [row["variant"] for row in rows if row["name"] == "vgg"] == ["A", "A-LRN", "B", "C", "D", "E"]
    assert {row["variant"]: row["params"] for row in rows if row["name"] == "vgg"}["D"] == 138_357_544


def test_a_variant_has_the_paper_that_it_comes_from():
    rows = json.loads(printed("zoo", "--all", "--format", "json")[0])
    papers = {row["variant"]: (row["paper"], row["year"]) for row in rows if row["name"] == "resnet"}
    assert papers["50"] == papers["plain34"] == ("arXiv:1512.03385", 2015)
    assert papers["wide50-2"] == papers["wide101-2"] == ("arXiv:1605.07146", 2016)


def test_the_table_and_the_other_formats_have_the_same_rows():
    table = printed("zoo")[0].splitlines()
    pages = printed("zoo", "--format", "markdown")[0].splitlines()
    names = [line.split()[0] for line in table[2:]]
    assert [line.split("`")[1] for line in pages[2:]] == names
    rows = list(csv.DictReader(io.StringIO(printed("zoo", "--format", "csv")[0])))
    assert [row["name"] + ("@" + row["variant"] if row["variant"] else "") for row in rows] == names
    assert "resnet@50" in names


def test_macs_that_depend_on_the_input_are_not_a_number():
    row = next(line for line in printed("zoo")[0].splitlines() if line.startswith("trunk "))
    assert "by the input" in row


def test_all_claims_of_the_zoo_are_kept():
    out, status = printed("zoo", "check")
    assert status == 0
    assert "none broken" in out.splitlines()[-1]
    assert " broken" not in out.rpartition("\n\n")[0]


def test_each_claim_stands_beside_what_was_computed():
    out, _ = printed("zoo", "check", "resnet50")
    assert [line.split() for line in out.splitlines()[2:5]] == [
        ["resnet@50", "=>", "7", "sizes", "7", "sizes", "kept"],
        ["depth", "50", "50", "kept"],
        ["macs", "3.8G", "4,089,184,256", "explained", "the", "stride", "is", "in", "the", "3x3"],
    ]


def test_broken_claims_are_told_with_what_holds_in_their_place_and_end_with_1(wrong):
    out, status = printed("zoo", "check", wrong)
    assert status == 1
    rows = [line.split() for line in out.splitlines()[2:]]
    assert ["wrong@small", "=>", "2", "sizes", "1", "size", "broken"] in rows
    assert ["params", "30K", "29,330", "explained", "the", "paper", "rounds"] in rows
    assert ["depth", "3", "2", "broken"] in rows
    assert "error[shape-claim]" in out
    assert out.splitlines()[-1] == "2 networks: 2 sizes and 0 figures kept, 1 figure explained, 3 broken"


def test_a_file_that_cannot_be_worked_out_ends_with_1(tmp_path):
    path = tmp_path / "bad.arch"
    path.write_text("input 3x8x8\nconv9-16(pad=0)\n")
    out, status = printed("zoo", "check", str(path))
    assert status == 1
    assert (
        out.splitlines()[-1]
        == "0 networks: 0 sizes and 0 figures kept, 0 figures explained, none broken, 1 other error"
    )


def test_a_size_that_is_not_known_leaves_a_claim_open(tmp_path):
    path = tmp_path / "open.arch"
    path.write_text("net Open {\n  input 3xHxW\n  conv3-16\n  expect macs == 3M\n}\n")
    out, status = printed("zoo", "check", str(path))
    assert (status, out.splitlines()[-1].endswith("none broken, 1 open until the input's size is given")) == (0, True)
