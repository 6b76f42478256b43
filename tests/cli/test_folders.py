"""Folders and patterns in place of files; many files at once."""

from __future__ import annotations

import json

import pytest

from archlang.cli import main
from archlang.cli.command import UsageError
from archlang.cli.folders import expanded


@pytest.fixture
def nets(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("b.arch", "a.arch", "deep/c.arch", ".hidden/d.arch", "notes.txt"):
        (tmp_path / "nets" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "nets" / name).write_text("input 3x8x8\nconv3-8\n")
    return tmp_path / "nets"


def test_a_folder_is_the_files_in_it_and_below_and_a_name_is_itself(nets):
    below = ["nets/a.arch", "nets/b.arch", "nets/deep/c.arch"]
    assert list(expanded(["vgg", "nets", "-"])) == ["vgg", *below, "-"]
    assert list(expanded(["nets/*.arch"])) == below[:2]
    assert list(expanded(["nets/**/*.arch"])) == below


def test_a_folder_or_a_pattern_without_a_file_is_wrong_usage(nets, capsys):
    (nets / "empty").mkdir()
    for name in ("nets/empty", "nets/*.txt", "nix/*.arch"):
        with pytest.raises(UsageError):
            list(expanded([name]))
    assert main.main(["check", "nets/empty"]) == 2
    assert capsys.readouterr().err == "archlang: there is no .arch file in `nets/empty`\n"


def test_a_file_whose_name_looks_like_a_pattern_is_a_file(nets):
    (nets / "a[1].arch").write_text("conv3-8\n")
    assert list(expanded(["nets/a[1].arch"])) == ["nets/a[1].arch"]


def test_check_and_fmt_take_a_folder(nets, capsys):
    assert main.main(["check", "nets"]) == 0
    assert capsys.readouterr().out == "3 files: no errors\n"
    (nets / "deep/c.arch").write_text("conv3-8;relu\n")
    assert main.main(["fmt", "--check", "nets"]) == 1
    assert capsys.readouterr().out == "nets/deep/c.arch\n"


@pytest.mark.parametrize("kind", ["text", "json", "sarif", "github"])
def test_the_exit_status_is_the_same_in_each_format(nets, capsys, kind):
    assert main.main(["check", "--format", kind, "nets"]) == 0
    (nets / "b.arch").write_text("input 32x32x3\nconv3-8\n")  # a warning
    assert main.main(["check", "--format", kind, "nets"]) == 0
    (nets / "a.arch").write_text("maxpol\n")
    assert main.main(["check", "--format", kind, "nets"]) == 1
    assert main.main(["check", "--format", kind, "nix.arch", "nets"]) == 2
    assert main.main(["check", "--format", kind, "nets", "nix.arch"]) == 2
    capsys.readouterr()


def test_every_error_of_many_files_is_told_in_one_run(nets, capsys):
    for i in range(60):
        (nets / f"net{i:02}.arch").write_text(f"input 3x8x8\nconv3-{i} -> relu\nmaxpol\n")
    assert main.main(["check", "--format", "json", "nets"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert len(found) == 120
    assert [each["file"] for each in found[::2]] == [f"nets/net{i:02}.arch" for i in range(60)]
