"""`archlang serve`: what it is started with, where it listens, and what it says where it cannot."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from archlang.cli.main import main
from archlang.serve.folder import Folder
from archlang.serve.run import PORT, Unusable, listen, opened


def test_without_its_packages_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "archlang.serve.run")
    assert main(["serve"]) == 2
    assert "pip install 'archlang[serve]'" in capsys.readouterr().err


@pytest.mark.parametrize("file", ["../outside.arch", "/etc/passwd.arch", "no-such-network", ".hidden.arch"])
def test_what_cannot_be_opened_is_told_before_it_starts(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["serve", file]) == 2
    assert capsys.readouterr().err.startswith("archlang: ")


def test_a_port_that_is_none_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["serve", "--port", "70000"])
    assert "is no port" in capsys.readouterr().err


def test_a_file_a_new_file_and_a_network_of_the_zoo_are_opened_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = Folder(tmp_path.resolve())
    (tmp_path / "below").mkdir()
    assert opened(folder, None) is None
    assert opened(folder, "new.arch") == "new.arch"
    assert opened(folder, "./below/../below/a.arch") == "below/a.arch"
    assert opened(folder, str(tmp_path / "below" / "a.arch")) == "below/a.arch"
    assert opened(folder, "GoogLeNet") == "googlenet"


def test_a_port_asked_for_that_is_taken_is_told_and_the_usual_one_has_another_in_its_place() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(Unusable, match="cannot listen at"):
        listen("127.0.0.1", taken.getsockname()[1])
    with listen("127.0.0.1", None) as first, listen("127.0.0.1", None) as second:
        assert first.getsockname()[1] != second.getsockname()[1]
        assert second.getsockname()[1] != PORT
        assert first.getsockname()[0] == "127.0.0.1"
