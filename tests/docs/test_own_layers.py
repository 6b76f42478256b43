"""The package of the page about layers of one's own, installed and used as the page says."""

from __future__ import annotations

import contextlib
import tomllib

import pytest
import torch
from brought import Installer
from pages import blocks
from run_page import ROOT, _console

import archlang

PAGE = ROOT / "docs/own-layers.md"


@pytest.fixture
def written(tmp_path, monkeypatch):
    """What the page puts into files, by their names, with its package installed."""
    found = {block.settings["into"]: block for block in blocks(PAGE) if "into" in block.settings}
    install = Installer(tmp_path, monkeypatch)
    entries = tomllib.loads(found["pyproject.toml"].text)["project"]["entry-points"]
    install("mypkg", entries, {name: block.text for name, block in found.items() if "/" in name})
    (tmp_path / "net.arch").write_text(found["net.arch"].text, "utf-8")
    with contextlib.chdir(tmp_path):
        yield found
    monkeypatch.undo()
    install.forget()


def test_the_page_prints_what_its_commands_do(written):
    assert not _console(written["shell"], show=False)


@pytest.mark.usefixtures("written")
def test_the_module_runs_and_counts_as_said():
    net = archlang.read("net.arch")
    module = net.build()
    assert module(torch.zeros(2, 3, 32, 32)).shape == (2, 10)
    assert sum(p.numel() for p in module.parameters()) == net.params
