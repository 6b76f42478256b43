"""The page about adding a block, followed to the letter in a copy of the tree."""

from __future__ import annotations

import pytest
from following import followed, run_in
from run_page import ROOT


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    parts = ("tests/zoo/test_prelude.py", "docs/zoo.md", "CHANGELOG.md")
    return followed(ROOT / "docs/adding-a-block.md", tmp_path_factory.mktemp("tree"), *parts)


def test_the_new_block_passes_the_tests_of_the_prelude(tree):
    said = run_in(
        tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/zoo/test_prelude.py", "-k", "ghost or every"
    )
    assert "3 passed" in said
    run_in(tree, "-m", "archlang", "fmt", "--check", "zoo/std/ghost.arch")


def test_the_new_block_is_called_without_an_import_and_uses_the_files_words(tree):
    assert "1 file: no errors" in run_in(tree, "-m", "archlang", "check", "ghostly.arch")
    table = run_in(tree, "-m", "archlang", "summary", "ghostly.arch")
    assert table.count("  bn  ") == 2
    assert "= ghost" in table
