"""The header's command: one that can be typed as it stands, or none."""

from __future__ import annotations

import ast
import shlex

import pytest

import archlang

PROGRAM = "input 3x8x8\nconv3-4; gap; FC-2"


def header_of(tmp_path, name):
    path = tmp_path / name
    path.write_text(PROGRAM, encoding="utf-8")
    text = archlang.read(path).code()
    tree = ast.parse(text)
    assert [type(node).__name__ for node in tree.body] == ["Expr", "Import", "ImportFrom", "ImportFrom", "ClassDef"], (
        text
    )
    return path, ast.get_docstring(tree, clean=False)


@pytest.mark.parametrize("stem", ["plain", "two words", "it's", 'a "word"', "$HOME", "a;b", "`id`", "é", "#a", "a&b*?"])
def test_the_command_names_the_file_as_a_shell_reads_it(tmp_path, stem):
    path, header = header_of(tmp_path, f"{stem}.arch")
    command = header.rpartition("Made again with: ")[2].strip()
    assert shlex.split(command) == ["archlang", "build", str(path)]


@pytest.mark.parametrize("stem", ['a"""b', "back\\slash", "new\nline", "turned\u202eround", "bell\x07"])
def test_a_name_that_cannot_stand_in_a_docstring_is_not_told_as_a_command(tmp_path, stem):
    _, header = header_of(tmp_path, f"{stem}.arch")
    assert "Made again with" not in header


def test_the_parameters_that_learn_are_told_where_some_do_not():
    text = "net N { input 3x8x8; conv3-4 as a; gap; FC-2 as b }"
    frozen = archlang.parse(text.replace("}", "\n freeze a }")).code()
    assert "122 parameters, of which 10 learn, " in frozen
    assert "learn" not in archlang.parse(text).code().partition('"""\n')[0]
