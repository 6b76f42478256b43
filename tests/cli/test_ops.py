"""`archlang ops`: what it lists, and that it leaves nothing out."""

from __future__ import annotations

import json

from archlang.cli.main import main
from archlang.elaborate.prelude import prelude_names
from archlang.ops import ALL


def printed(capsys, *argv):
    status = main(["ops", *argv])
    out, err = capsys.readouterr()
    assert (status, err) == (0, "")
    return out


def test_every_layer_and_block_has_a_line(capsys):
    lines = printed(capsys).splitlines()
    assert lines[0] == "layers of archlang"
    rows = [line for line in lines if line.startswith("  ")]
    assert len(rows) == len(ALL) + len(prelude_names())
    assert max(map(len, rows)) < 260


def test_one_is_told_at_length_by_any_of_its_spellings(capsys):
    told = printed(capsys, "conv")
    assert told == printed(capsys, "conv3") == printed(capsys, "conv1x7")
    assert "groups=1    int   groups of channels that do not see each other" in told
    assert printed(capsys, "stochasticdepth").startswith("droppath: a layer of archlang, also stochasticdepth\n")
    assert "  written bottleneck(w)\n" in printed(capsys, "bottleneck")


def test_json_has_every_option_with_its_kind_and_default(capsys):
    found = {each["name"]: each for each in json.loads(printed(capsys, "--format", "json"))}
    assert {op.word for op in ALL} | set(prelude_names()) == set(found)
    (out, *_, bias) = found["conv"]["options"]
    assert out == {"name": "out", "kind": "int", "default": None, "about": "output channels"}
    assert bias == {"name": "bias", "kind": "bool", "default": "true", "about": "whether a bias is added"}
    assert found["basic"]["kind"] == "block"


def test_a_name_that_nothing_has_is_wrong_usage(capsys):
    assert main(["ops", "cnv"]) == 2
    assert capsys.readouterr().err == "archlang: there is no layer or block `cnv`: did you mean `conv`?\n"
