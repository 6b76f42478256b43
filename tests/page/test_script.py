"""The scripts of the page and of the editor, as text: read by people, so no line is longer than the others."""

from pathlib import Path

import pytest

import archlang

SCRIPTS = sorted(Path(archlang.__file__).parent.glob("*/js/*.js"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_a_script_has_neither_long_lines_nor_too_many(script):
    lines = script.read_text("utf-8").splitlines()
    assert [line for line in lines if len(line) > 120] == []
    assert len(lines) <= 300


def test_there_are_scripts():
    assert len(SCRIPTS) > 25
