"""What `make test-release` does; that it succeeds is its own business, and takes minutes."""

from __future__ import annotations

import importlib.util
import re
import tomllib

import pytest

import archlang


@pytest.fixture
def script(root):
    spec = importlib.util.spec_from_file_location("check_release", root / "scripts/check_release.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def python(folder, name, status=0):
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\nexit {status}\n")
    (folder / name).chmod(0o755)
    return folder / name


def test_every_python_on_the_path_that_starts_is_tried_once(script, tmp_path, monkeypatch):
    first, second = tmp_path / "first", tmp_path / "second"
    expected = [python(first, "python3.11"), python(second, "python3.12"), python(first, "python3.21")]
    python(second, "python3.21")
    python(first, "python3.12", status=1)  # a shim that leads nowhere
    python(first, "python3.10")
    python(first, "python3.13-config")
    (first / "python3.14").write_text("no program")
    monkeypatch.setenv("PATH", f"{first}:{second}:{tmp_path / 'nowhere'}")
    assert list(script.interpreters()) == expected


def test_a_step_that_fails_is_told_with_what_it_said(script, tmp_path, capsys):
    broken = python(tmp_path, "python3.11", status=3)
    assert not script.tried(broken, tmp_path / "archlang-1.whl")
    assert capsys.readouterr().out.startswith(f"python3.11, wheel: failed\n{broken} -m venv ")


def test_no_python_at_all_is_a_failure(script, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["check_release.py", "--dist", str(tmp_path)])
    assert script.main() == 1


def test_the_oldest_python_is_the_one_that_the_package_declares(script, root):
    declared = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    assert declared["requires-python"] == f">={'.'.join(map(str, script.OLDEST))}"
    assert "version" in declared["dynamic"]


def test_what_is_released_has_a_licence_and_a_changelog_that_knows_its_version(root):
    assert (root / "LICENSE").read_text("utf-8").startswith("MIT License")
    headings = re.findall(r"^## \[([^\]]+)\]", (root / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in headings[1:])
    assert re.fullmatch(r"\d+\.\d+\.\d+", archlang.__version__)
