"""The page about adding a layer, followed to the letter in a copy of the tree."""

from __future__ import annotations

import pytest
from following import followed, run_in
from run_page import ROOT


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of archlang in which the page's steps have been done."""
    page, root = ROOT / "docs/adding-a-layer.md", tmp_path_factory.mktemp("tree")
    return followed(page, root, "tests/ops", "tests/support", "docs", "scripts")


@pytest.mark.slow
def test_the_facts_of_the_new_layer_are_pytorchs(tree):
    said = run_in(tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/ops", "-k", "pixelshuffle")
    assert "3 passed" in said


def test_the_new_layer_checks_counts_and_draws(tree):
    assert "1 file: no errors" in run_in(tree, "-m", "archlang", "check", "superres.arch")
    assert "upsample1" in run_in(tree, "-m", "archlang", "summary", "superres.arch")
    run_in(tree, "-m", "archlang", "draw", "superres.arch")
    assert "pixelshuffle" in (tree / "superres.svg").read_text("utf-8")


def test_the_new_layer_runs(tree):
    script = "import archlang, torch; print(*archlang.build('superres.arch')(torch.zeros(2, 1, 32, 32)).shape)"
    assert run_in(tree, "-c", script) == "2 1 64 64\n"


def test_the_new_layer_refuses_channels_that_do_not_divide(tree):
    (tree / "wrong.arch").write_text("input 3x8x8\npixelshuffle(2)\n", "utf-8")
    said = run_in(tree, "-m", "archlang", "check", "wrong.arch", status=1)
    assert "error[channels]: `pixelshuffle(2)` makes one channel of 4, and 3 enter" in said


def test_the_list_of_layers_gets_the_new_one(tree):
    run_in(tree, "scripts/write_docs.py")
    assert "| `pixelshuffle` |" in (tree / "docs/layers.md").read_text("utf-8")
