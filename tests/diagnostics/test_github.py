"""Commands of a GitHub workflow."""

from __future__ import annotations

import pytest

from archlang.cli import main
from archlang.diagnostics import Diagnostic, Severity
from archlang.diagnostics.github import commands
from archlang.source import Source, Span


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    return tmp_path


def test_a_command_has_file_place_code_and_words(folder, capsys):
    (folder / "a.arch").write_text("input 3x8x8\nconv3-8; maxpol\n")
    assert main.main(["check", "--format", "github", "./a.arch"]) == 1
    assert capsys.readouterr().out == (
        "::error file=a.arch,line=2,endLine=2,col=10,endColumn=16,title=unknown-layer::"
        "there is no layer, block or net `maxpol`%0Ahelp: did you mean `maxpool`?\n"
    )


def test_files_are_named_as_seen_from_the_checkout(folder, capsys, monkeypatch):
    (folder / "nets").mkdir()
    (folder / "nets/a.arch").write_text("input 3x8x8\nmaxpol\n")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(folder))
    monkeypatch.chdir(folder / "nets")
    main.main(["check", "--format", "github", "a.arch"])
    assert capsys.readouterr().out.startswith("::error file=nets/a.arch,line=2,")


def test_no_text_can_begin_a_command_of_its_own(folder):
    source = Source("a", "x\n\n\ny", folder / "a,b:c%.arch")
    found = Diagnostic("unknown-name", "100%\r\n::error::b, c: d", Span(source, 0, 5), notes=("n",))
    (line,) = commands([found])
    assert line == (
        "::error file=a%2Cb%3Ac%25.arch,line=1,endLine=4,title=unknown-name::100%25%0D%0A::error::b, c: d%0Anote: n"
    )


def test_each_severity_has_its_command(folder):
    source = Source("a", "x", folder / "a.arch")
    found = [Diagnostic("expect", "m", Span(source, 0, 1), severity=severity) for severity in Severity]
    assert [line.split()[0] for line in commands(found)] == ["::error", "::warning", "::notice"]


def test_what_is_about_no_file_names_none(folder, capsys):
    assert main.main(["check", "--format", "github", "nix.arch"]) == 2
    assert capsys.readouterr().out.startswith("::error title=no-such-file::there is no file")


def test_a_clean_run_prints_nothing(folder, capsys):
    assert main.main(["check", "--format", "github", "lenet"]) == 0
    assert capsys.readouterr().out == ""
