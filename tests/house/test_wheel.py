"""What a wheel and an sdist hold. `test_install.py` installs them."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile

import pytest


@pytest.fixture(scope="module")
def built(root, tmp_path_factory):
    """A wheel and an sdist, built from a copy of what the checkout would give."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-t", "sdist", "-d", str(out)]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    return out


@pytest.fixture(scope="module")
def wheel(built):
    with zipfile.ZipFile(next(built.glob("*.whl"))) as file:
        return set(file.namelist())


def test_the_wheel_holds_every_module_the_grammar_and_the_zoo(root, wheel):
    modules = {str(path.relative_to(root)) for path in (root / "archlang").rglob("*.py")}
    data = {"archlang/" + str(path.relative_to(root)) for path in (root / "zoo").rglob("*.arch")}
    data |= {f"archlang/errors/{path.name}" for path in (root / "docs/errors").iterdir()}
    assert modules | data | {"archlang/grammars/arch.lark", "archlang/py.typed"} <= wheel


def test_the_wheel_holds_nothing_else(wheel):
    strange = {name for name in wheel if not name.startswith("archlang/") and ".dist-info/" not in name}
    assert strange == set()
    assert {name for name in wheel if "__pycache__" in name or name.endswith(".pyc")} == set()


def test_the_wheel_declares_the_command_and_its_licence(built):
    with zipfile.ZipFile(next(built.glob("*.whl"))) as file:
        entry = next(name for name in file.namelist() if name.endswith("entry_points.txt"))
        assert "archlang = archlang.cli.main:main" in file.read(entry).decode()
        assert any(name.endswith("licenses/LICENSE") for name in file.namelist())


def test_the_sdist_holds_what_it_takes_to_build_and_test_again(built):
    with tarfile.open(next(built.glob("*.tar.gz"))) as file:
        names = {name.partition("/")[2] for name in file.getnames()}
    needed = {"pyproject.toml", "README.md", "LICENSE", "Makefile", "constraints.txt", "grammars/arch.lark"}
    assert needed <= names
    assert {"tests/house/test_wheel.py", "zoo/googlenet.arch", "scripts/make_venv.sh"} <= names


def test_an_unpacked_wheel_finds_its_grammar_and_zoo_inside_itself(built, tmp_path):
    with zipfile.ZipFile(next(built.glob("*.whl"))) as file:
        file.extractall(tmp_path / "site")  # noqa: S202 - our own
    (tmp_path / "zoo").mkdir()  # a stranger's, never to be read
    script = "from archlang import resources; print(resources.grammar()); print(resources.zoo())"
    command = [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r}); {script}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    inside = tmp_path / "site" / "archlang"
    assert done.stdout.split() == [str(inside / "grammars" / "arch.lark"), str(inside / "zoo")]
