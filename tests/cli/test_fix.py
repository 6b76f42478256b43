"""`archlang check --fix`."""

from __future__ import annotations

import io
import json
import sys

import pytest

from archlang import files
from archlang.cli import main

BROKEN = "input 3x8x8\nres{ conv3-3 }; rleu\nconv3-8 as a as b\n"
MENDED = "input 3x8x8\nres[ conv3-3 ]; relu\nconv3-8 as a as b\n"


@pytest.fixture
def net(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.arch").write_text(BROKEN)
    return tmp_path / "net.arch"


def test_a_file_is_mended_and_it_is_said_what_changed_and_what_is_left(net, capsys):
    assert main.main(["check", "--fix", "net.arch"]) == 1
    assert net.read_text() == MENDED
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [
        "net.arch:2:1: `res{ conv3-3 }` -> `res[ conv3-3 ]` (layers-in-braces)",
        "net.arch:2:17: `rleu` -> `relu` (unknown-layer)",
    ]
    assert any(line.startswith("error[label-twice]") for line in lines)
    assert lines[-1] == "1 file: 2 mistakes fixed, 1 error left"


def test_what_is_wholly_mended_ends_with_0(net, capsys):
    net.write_text("input 3x8x8\nrleu;; bn\n")
    assert main.main(["check", "--fix", "net.arch"]) == 0
    assert net.read_text() == "input 3x8x8\nrelu; bn\n"
    assert capsys.readouterr().out.endswith("1 file: 2 mistakes fixed, no errors left\n")
    assert main.main(["check", "--fix", "net.arch"]) == 0
    assert capsys.readouterr().out == "1 file: 0 mistakes fixed, no errors left\n"


def test_diff_shows_it_and_writes_nothing(net, capsys):
    assert main.main(["check", "--fix", "--diff", "net.arch", "net.arch"]) == 1
    out, err = capsys.readouterr()
    assert out == (
        "--- net.arch\n+++ net.arch\n@@ -1,3 +1,3 @@\n input 3x8x8\n-res{ conv3-3 }; rleu\n+res[ conv3-3 ]; relu\n"
        " conv3-8 as a as b\n"
    )
    assert "2 mistakes would be fixed" in err
    assert net.read_text() == BROKEN


def test_diff_alone_is_wrong_usage(net, capsys):
    assert main.main(["check", "--diff", "net.arch"]) == 2
    assert "check --fix --diff" in capsys.readouterr().err


def test_standard_input_goes_mended_to_standard_output(net, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BROKEN.encode())))
    assert main.main(["check", "--fix", "-"]) == 1
    out, err = capsys.readouterr()
    assert out == MENDED
    assert "label-twice" in err


def test_what_is_left_may_be_told_to_programs(net, capsys):
    assert main.main(["check", "--fix", "--format", "json", "net.arch"]) == 1
    (left,) = json.loads(capsys.readouterr().out)
    assert left["code"] == "label-twice"


def test_texts_and_records_do_not_share_standard_output(net, capsys):
    for words in (["--format", "json", "-"], ["--diff", "--format", "sarif", "net.arch"]):
        assert main.main(["check", "--fix", *words]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert "--format text" in err


def test_a_network_of_the_zoo_and_a_file_that_is_not_there_stay_as_they_are(net, capsys):
    assert main.main(["check", "--fix", "lenet", "nix.arch"]) == 2
    assert "no-such-file" in capsys.readouterr().out


def test_a_file_that_cannot_be_written_is_whole_and_told(net, capsys, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device", "net.arch")

    monkeypatch.setattr(files, "write", full)
    assert main.main(["check", "--fix", "net.arch"]) == 2
    assert "No space left" in capsys.readouterr().err
    assert net.read_text() == BROKEN


def test_line_ends_and_what_is_no_mistake_stay(net):
    net.write_bytes("input 3x8x8  # größer\r\nrleu   ;bn\r\n".encode())
    assert main.main(["check", "--fix", "net.arch"]) == 0
    assert net.read_bytes() == "input 3x8x8  # größer\r\nrelu   ;bn\r\n".encode()
