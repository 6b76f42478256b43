from __future__ import annotations

import pytest

from archlang import resources


def test_data_inside_the_package_comes_first(tmp_path):
    (tmp_path / "archlang" / "zoo").mkdir(parents=True)
    (tmp_path / "zoo").mkdir()
    (tmp_path / "pyproject.toml").touch()
    assert resources.folder("zoo", tmp_path / "archlang") == tmp_path / "archlang" / "zoo"


def test_data_beside_the_package_counts_in_a_checkout(tmp_path):
    (tmp_path / "archlang").mkdir()
    (tmp_path / "zoo").mkdir()
    (tmp_path / "pyproject.toml").touch()
    assert resources.folder("zoo", tmp_path / "archlang") == tmp_path / "zoo"


def test_a_strangers_folder_beside_the_package_is_not_read(tmp_path):
    (tmp_path / "archlang").mkdir()
    (tmp_path / "zoo").mkdir()
    with pytest.raises(FileNotFoundError, match="without its zoo folder"):
        resources.folder("zoo", tmp_path / "archlang")


def test_the_grammar_and_the_prelude_are_there():
    assert resources.grammar().is_file()
    assert (resources.zoo() / "std").is_dir()
