"""Every way of installing archlang, each in a fresh virtual environment, used from another folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

TRIAL = """
import subprocess, sys
from pathlib import Path
subprocess.run([*{command}, "check", "googlenet", "resnet50", "net.arch"], check=True)
subprocess.run([*{command}, "summary", "resnet50"], check=True)
subprocess.run([*{command}, "draw", "googlenet"], check=True)
subprocess.run([*{command}, "build", "net.arch"], check=True)
assert "<svg" in Path("googlenet.svg").read_text()[:500]
assert "inception" in Path("net.py").read_text().lower()
"""
NET = "stage conv3-64 x2; maxpool; inception(64,96,128,16,32,32)\n"


@pytest.fixture(scope="module")
def checkout(root, tmp_path_factory):
    """A copy, so that a build leaves nothing in the real one."""
    copy = tmp_path_factory.mktemp("copy") / "archlang"
    left_out = shutil.ignore_patterns(".git", ".venv", "shared", "demo", "dist", "__pycache__", ".*_cache")
    shutil.copytree(root, copy, ignore=left_out)
    return copy


@pytest.fixture
def fresh(tmp_path):
    """A new virtual environment's Python."""
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    return tmp_path / "venv" / "bin" / "python"


def run(*words, cwd=None):
    words = [str(word) for word in words]
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"


def try_out(python, tmp_path):
    """Use the installation from a folder that has nothing to do with it."""
    place = tmp_path / "elsewhere"
    place.mkdir()
    (place / "net.arch").write_text(NET)
    run(python, "-c", TRIAL.format(command=[str(python.with_name("archlang"))]), cwd=place)


def built(checkout, kind, out):
    """The one wheel or sdist that a checkout builds."""
    run(sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", out, cwd=checkout)
    (package,) = out.iterdir()
    return package


def test_pip_install_of_the_folder_works_from_anywhere(checkout, fresh, tmp_path):
    run(fresh, "-m", "pip", "install", "-q", checkout)
    try_out(fresh, tmp_path)


def test_an_editable_install_works_from_anywhere_and_follows_the_checkout(checkout, fresh, tmp_path):
    run(fresh, "-m", "pip", "install", "-q", "-e", checkout)
    try_out(fresh, tmp_path)
    new = checkout / "zoo" / "brand_new.arch"
    new.write_text(NET)
    run(fresh.with_name("archlang"), "check", "brand-new", cwd=tmp_path)
    new.unlink()


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_a_wheel_and_an_sdist_install_from_anywhere(checkout, fresh, tmp_path, kind):
    package = built(checkout, kind, tmp_path / "dist")
    run(fresh, "-m", "pip", "install", "-q", package)
    try_out(fresh, tmp_path)


def test_a_wheel_made_from_the_sdist_holds_the_same_files(checkout, tmp_path):
    from zipfile import ZipFile

    sdist = built(checkout, "sdist", tmp_path / "sdist")
    shutil.unpack_archive(sdist, tmp_path / "unpacked")
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    first, second = built(checkout, "wheel", tmp_path / "a"), built(unpacked, "wheel", tmp_path / "b")
    assert set(ZipFile(first).namelist()) == set(ZipFile(second).namelist())


def test_a_target_folder_and_a_bare_checkout_work_too(checkout, fresh, tmp_path):
    run(fresh, "-m", "pip", "install", "-q", "--target", tmp_path / "target", checkout)
    place = tmp_path / "elsewhere"
    place.mkdir()
    start = "import sys; sys.path.insert(0, {!r}); from archlang.cli.main import main; "
    trial = start + "sys.exit(main(['check', 'googlenet']))"
    run(fresh, "-c", trial.format(str(tmp_path / "target")), cwd=place)
    run(fresh, "-m", "pip", "install", "-q", "lark", "networkx", "graphviz")
    run(fresh, "-c", trial.format(str(checkout)), cwd=place)
