"""The page about adding a layer, followed to the letter in a copy of the tree."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest
from pages import blocks
from run_page import ROOT

PAGE = ROOT / "docs/adding-a-layer.md"
PARTS = ("archlang", "grammars", "zoo", "tests/ops", "tests/support", "docs", "scripts", "pyproject.toml")


def _patched(text, hunk):
    """`text` with the lines of a hunk put in: ` ` stays, `+` is added, `-` goes."""
    rows = [(line[:1], line[1:]) for line in hunk.splitlines()]
    before = "".join(f"{row}\n" for sign, row in rows if sign in " -")
    after = "".join(f"{row}\n" for sign, row in rows if sign in " +")
    assert text.count(before) == 1, f"the page's context is not there once:\n{before}"
    return text.replace(before, after)


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of archlang in which the page's steps have been done."""
    root = tmp_path_factory.mktemp("tree")
    for part in PARTS:
        source, copy = ROOT / part, root / part
        if source.is_dir():
            shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__", "images"))
        else:
            copy.write_bytes(source.read_bytes())
    for block in blocks(PAGE):
        if "into" in block.settings:
            path = root / block.settings["into"]
            path.write_text(
                _patched(path.read_text("utf-8"), block.text) if block.kind == "diff" else block.text, "utf-8"
            )
    return root


def _in(tree, *command):
    """What a command says in the copy, with the copy's archlang."""
    env = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, *command], cwd=tree, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_facts_of_the_new_layer_are_pytorchs(tree):
    said = _in(tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/ops", "-k", "pixelshuffle")
    assert "3 passed" in said


def test_the_new_layer_checks_counts_and_draws(tree):
    assert "1 file: no errors" in _in(tree, "-m", "archlang", "check", "superres.arch")
    assert "upsample1" in _in(tree, "-m", "archlang", "summary", "superres.arch")
    _in(tree, "-m", "archlang", "draw", "superres.arch")
    assert "pixelshuffle" in (tree / "superres.svg").read_text("utf-8")


def test_the_new_layer_runs(tree):
    script = "import archlang, torch; print(*archlang.build('superres.arch')(torch.zeros(2, 1, 32, 32)).shape)"
    assert _in(tree, "-c", script) == "2 1 64 64\n"


def test_the_new_layer_refuses_channels_that_do_not_divide(tree):
    (tree / "wrong.arch").write_text("input 3x8x8\npixelshuffle(2)\n", "utf-8")
    env = {**os.environ, "PYTHONPATH": str(tree)}
    command = [sys.executable, "-m", "archlang", "check", "wrong.arch"]
    said = subprocess.run(command, cwd=tree, env=env, capture_output=True, text=True, check=False)
    assert said.returncode == 1
    assert "error[channels]: `pixelshuffle(2)` makes one channel of 4, and 3 enter" in said.stdout


def test_the_list_of_layers_gets_the_new_one(tree):
    _in(tree, "scripts/write_docs.py")
    assert "| `pixelshuffle` |" in (tree / "docs/layers.md").read_text("utf-8")
