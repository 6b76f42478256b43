"""The command `archlang fmt`."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest

from archlang.cli.main import main

ROUGH, FORMED = "conv3-64;relu\n", "conv3-64; relu\n"


@pytest.fixture
def rough(tmp_path):
    place = tmp_path / "rough.arch"
    place.write_text(ROUGH)
    return place


def test_a_file_is_formatted_where_it_is(rough, capsys):
    assert main(["fmt", str(rough)]) == 0
    assert rough.read_text() == FORMED
    assert capsys.readouterr() == ("", "1 file: 1 formatted\n")


def test_a_file_that_is_formatted_is_not_written(rough, capsys):
    rough.write_text(FORMED)
    before = rough.stat().st_mtime_ns, rough.stat().st_ino
    assert main(["fmt", str(rough)]) == 0
    assert (rough.stat().st_mtime_ns, rough.stat().st_ino) == before
    assert capsys.readouterr().err == "1 file: none formatted\n"


def test_check_names_what_would_change_and_changes_nothing(rough, tmp_path, capsys):
    (tmp_path / "well.arch").write_text(FORMED)
    assert main(["fmt", "--check", str(rough), str(tmp_path / "well.arch")]) == 1
    assert rough.read_text() == ROUGH
    assert capsys.readouterr() == (f"{rough}\n", "2 files: 1 would be formatted\n")
    assert main(["fmt", "--check", str(tmp_path / "well.arch")]) == 0


def test_diff_shows_what_would_change_and_changes_nothing(rough, capsys):
    assert main(["fmt", "--diff", str(rough)]) == 0
    assert rough.read_text() == ROUGH
    shown = capsys.readouterr().out
    assert shown == f"--- {rough}\n+++ {rough}\n@@ -1 +1 @@\n-conv3-64;relu\n+conv3-64; relu\n"
    assert main(["fmt", "--diff", "--check", str(rough)]) == 1
    assert capsys.readouterr().out == shown


def test_standard_input_goes_to_standard_output(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(ROUGH.encode())))
    assert main(["fmt", "-"]) == 0
    assert capsys.readouterr() == (FORMED, "")


def test_a_file_with_syntax_errors_is_left_as_it_is_and_the_others_are_formatted(rough, tmp_path, capsys):
    wrong = tmp_path / "wrong.arch"
    wrong.write_text("conv3-64;;relu(\n")
    assert main(["fmt", str(wrong), str(rough)]) == 1
    assert wrong.read_text() == "conv3-64;;relu(\n"
    assert rough.read_text() == FORMED
    assert "error[" in capsys.readouterr().err


def test_a_file_that_is_not_there_ends_with_2(tmp_path, capsys):
    assert main(["fmt", str(tmp_path / "nowhere.arch")]) == 2
    assert "error[unreadable-file]" in capsys.readouterr().err


def test_line_ends_of_windows_stay(rough):
    rough.write_bytes(b"conv3-64;relu\r\n")
    assert main(["fmt", str(rough)]) == 0
    assert rough.read_bytes() == b"conv3-64; relu\r\n"
