"""How the files look, beyond what a linter sees."""

from __future__ import annotations

import ast
import re

import pytest

LONGEST = 300
LONG = {
    "archlang/syntax/ast.py": "one record for each form of the language",
}
"""The files that are longer, each with its reason."""

VAGUE = {"utils", "util", "helpers", "helper", "base", "manager", "misc", "common"}


@pytest.fixture(scope="module")
def modules(root):
    """The package's Python files, by their path in the checkout."""
    return {str(path.relative_to(root)): path.read_text("utf-8") for path in (root / "archlang").rglob("*.py")}


def functions(text):
    return [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]


def test_no_file_of_the_package_is_longer_than_300_lines(modules):
    long = {name: text.count("\n") for name, text in modules.items() if text.count("\n") > LONGEST}
    assert {name: lines for name, lines in long.items() if name not in LONG} == {}


def test_every_exception_to_the_length_is_still_needed(modules):
    assert [name for name in LONG if modules.get(name, "").count("\n") <= LONGEST] == []


def test_no_file_has_a_name_that_says_nothing(modules):
    assert [name for name in modules if VAGUE & set(re.split(r"[/_.]", name))] == []


def test_nothing_is_left_to_do_or_skipped(root, modules):
    marks = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX)\b|pytest\.mark\.(skip|xfail)\b")
    tests = {str(path.relative_to(root)): path.read_text("utf-8") for path in (root / "tests").rglob("*.py")}
    assert [name for name, text in (modules | tests).items() if marks.search(text)] == []


def test_a_tests_name_is_a_sentence(root):
    short = [
        f"{path.relative_to(root)}: {node.name}"
        for path in (root / "tests").rglob("test_*.py")
        for node in functions(path.read_text("utf-8"))
        if node.name.startswith("test_") and node.name.count("_") < 3
    ]
    assert short == []
