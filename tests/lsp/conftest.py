"""Editors that the tests share: one that counts as most do, in UTF-16, and one that asks for UTF-8."""

from __future__ import annotations

import pytest
from editor import Editor


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """The folder that the editors work in."""
    return tmp_path_factory.mktemp("nets").resolve()


@pytest.fixture(scope="session")
def editor(folder):
    one = Editor(folder=folder, watch=True)
    yield one
    assert one.end() == 0
    assert one.said == []


@pytest.fixture(scope="session")
def in_bytes(folder):
    one = Editor(["utf-8", "utf-16"], folder=folder, related=False, snippets=False)
    yield one
    assert one.end() == 0
