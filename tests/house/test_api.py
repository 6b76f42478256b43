"""What others may build on is what docs/api.md lists: names, signatures, types."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import re
import subprocess
import sys

import pytest

import archlang


def script(root, name):
    spec = importlib.util.spec_from_file_location(name, root / f"scripts/{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def page(root):
    return (root / "docs/api.md").read_text("utf-8")


@pytest.fixture(scope="module")
def listed(page):
    """The lines of each public module's list that begin a name."""
    blocks = re.findall(r"^### (\S+)\n\n```text\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    return {module: [line for line in text.splitlines() if re.match(r"\w", line)] for module, text in blocks}


def named(line):
    return re.sub(r"^class ", "", line).partition("(")[0].partition(":")[0].partition(" ")[0]


def test_the_list_of_public_names_is_that_of_the_code(root, page):
    assert page == script(root, "write_docs").api(page), (
        "run: python scripts/write_docs.py, and see docs/api.md on what may change"
    )


def test_a_signature_is_told_with_its_defaults_and_kinds(page):
    assert "summary(format: str = 'table', *, count_as: str | None = None, batch: int = 1) -> str" in page
    assert "read(\n    place: str | Path,\n    /,\n    *,\n" in page


def test_every_name_of_the_list_is_there_and_none_is_left_out(listed):
    assert set(listed) >= {"archlang", "archlang.diagnostics", "archlang.editing", "archlang.formatting"}
    for name, lines in listed.items():
        module = importlib.import_module(name)
        assert sorted(map(named, lines)) == sorted(module.__all__), name
        assert all(hasattr(module, each) for each in module.__all__)
        assert not any(inspect.ismodule(getattr(module, each)) for each in module.__all__), name


def test_dir_shows_the_public_names():
    assert set(archlang.__all__) <= set(dir(archlang))


def test_type_checkers_see_the_names_that_are_fetched_when_used(root):
    tree = ast.parse((root / "archlang/__init__.py").read_text("utf-8"))
    (seen,) = [node for node in tree.body if isinstance(node, ast.If)]
    declared = {name.name: node.module for node in seen.body for name in node.names}
    assert declared == archlang._HOMES
    assert set(declared) | {"__version__"} == set(archlang.__all__)


PROGRAM = """
import archlang

net: archlang.Model = archlang.read("lenet", variant="caffe", classes=10)
count: int = net.params
found: list[archlang.Diagnostic] = archlang.check(archlang.Source("a.arch", "conv3-8"))
text: str = archlang.table("lenet", format="csv")
reveal_type(archlang.build)
wrong: str = net.params
archlang.reed("lenet")
"""


@pytest.mark.slow
def test_a_program_of_somebody_else_is_checked_by_its_types(root, tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM)
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "program.py"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False).stdout
    assert re.findall(r"program.py:(\d+):\d+ - error", said) == ["9", "10"], said
    assert "-> Module" in said
