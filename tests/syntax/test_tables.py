from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sampled import every

from archlang.syntax import parse_tables
from archlang.syntax.build import Builder

SHOW = (
    "from archlang.syntax.parse import parse; from archlang.source import Source; "
    "print(len(parse(Source('a', 'a; b'))[0].body.statements))"
)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "archlang"


def parses(**environment: str) -> bool:
    """Whether a fresh Python reads `a; b` as two statements."""
    env = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])} | environment
    ran = subprocess.run([sys.executable, "-c", SHOW], capture_output=True, text=True, env=env, check=False)
    assert ran.stderr == ""
    return ran.stdout == "2\n"


def test_the_tables_are_kept_in_the_users_cache_as_json(cache):
    parse_tables.load(Builder())
    (kept,) = cache.iterdir()
    assert json.loads(kept.read_text())["data"]["parser"]
    assert cache.stat().st_mode & 0o077 == 0


def test_kept_tables_are_read_and_not_made_again(cache, monkeypatch):
    parse_tables.load(Builder())
    monkeypatch.setattr(parse_tables, "make", lambda *_: pytest.fail("made again"))
    parse_tables.load(Builder())


def test_another_grammar_has_tables_of_its_own(cache):
    assert parse_tables._place("start: A") != parse_tables._place("start: B")


DAMAGES = ["", "{}", "null", "[" * 100_000, '{"data": {}, "memo": {}}', '{"data": 3}']


@pytest.mark.parametrize("damage", every(3, DAMAGES))
def test_a_damaged_cache_is_made_again_without_a_word(cache, damage):
    parse_tables.load(Builder())
    (kept,) = cache.iterdir()
    kept.write_text(damage)
    parse_tables.load(Builder())
    assert json.loads(kept.read_text())["data"]["parser"]


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX")
def test_tables_that_others_can_write_to_are_not_read(cache):
    parse_tables.load(Builder())
    (kept,) = cache.iterdir()
    kept.chmod(0o666)
    assert parse_tables._read(kept) is None
    kept.chmod(0o600)
    cache.chmod(0o777)
    assert parse_tables._read(kept) is None
    cache.chmod(0o700)
    assert parse_tables._read(kept) is not None


@pytest.mark.skipif(os.name != "posix", reason="owners are POSIX")
def test_tables_of_another_user_are_not_read(cache, monkeypatch):
    parse_tables.load(Builder())
    (kept,) = cache.iterdir()
    monkeypatch.setattr(os, "getuid", lambda: kept.stat().st_uid + 1)
    assert parse_tables._read(kept) is None


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    assert parses(XDG_CACHE_HOME=str(blocked))


def test_a_user_without_a_home_is_no_error():
    assert parses(XDG_CACHE_HOME="relative", HOME="/nowhere")


def test_reading_a_text_imports_nothing_heavy(tmp_path):
    env = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2]), "XDG_CACHE_HOME": str(tmp_path)}
    code = (
        SHOW + "; import sys; print(sorted({'torch', 'networkx', 'numpy', 'graphviz', 'difflib'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True)
    assert ran.stdout == "2\n[]\n"
