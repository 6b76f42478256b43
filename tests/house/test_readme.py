"""What the README shows on the command line is true; its Python is run with the other pages."""

from __future__ import annotations

import re

import pytest

from archlang.cli import main


@pytest.fixture(scope="module")
def readme(root):
    return (root / "README.md").read_text("utf-8")


@pytest.fixture
def vgg(readme, tmp_path, monkeypatch):
    """A folder with the README's network in it."""
    (network,) = re.findall(r"```arch\n(.*?)```", readme, re.DOTALL)
    (tmp_path / "vgg.arch").write_text(network)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_network_shown_checks_without_a_word(vgg, capsys):
    assert main.main(["check", "vgg.arch"]) == 0
    assert capsys.readouterr().out == "1 file: no errors\n"


def test_every_command_shown_runs(readme, vgg, capsys):
    shown = re.findall(r"^    archlang (\w+ vgg\.arch.*?)(?:  .*)?$", readme, re.MULTILINE)
    assert len(shown) == 5
    for line in shown:
        assert main.main(line.split()) == 0, line
    assert (vgg / "vgg-D.svg").is_file()
    assert (vgg / "vgg16.py").is_file()


def test_every_make_target_and_file_it_names_is_there(readme, root):
    makefile = (root / "Makefile").read_text()
    for target in re.findall(r"^    make ([a-z-]+)", readme, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for file in re.findall(r"\]\(((?!http)[^)]+)\)|src=\"([^\"]+)\"", readme):
        assert (root / "".join(file)).is_file(), file
