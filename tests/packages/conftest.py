"""Packages that are installed for one test."""

from __future__ import annotations

import sys

import pytest
from brought import BLOCKS, SWISH, Installer


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Installs packages for one test."""
    folder = tmp_path / "site"
    folder.mkdir()
    installer = Installer(folder, monkeypatch)
    yield installer
    for name in [name for name in sys.modules if name.partition(".")[0] in installer.names]:
        del sys.modules[name]
    monkeypatch.undo()
    installer.forget()


@pytest.fixture
def swish(install):
    """A package with a layer and some blocks."""
    entries = {
        "archlang.ops": {"lswish": "swishpkg.op:Swish", "slopedsilu": "swishpkg.op:Swish"},
        "archlang.preludes": {"swishpkg": "swishpkg:blocks"},
    }
    files = {"swishpkg/__init__.py": "", "swishpkg/op.py": SWISH, "swishpkg/blocks/narrow.arch": BLOCKS}
    install("swishpkg", entries, files, "2.1")
    return install
