"""Codes: each is said somewhere, declared once, and shown by a case or a test."""

import re
from pathlib import Path

import pytest

import archlang
from archlang.diagnostics.codes import CODES

SOURCE = Path(archlang.__file__).parent
TESTS = Path(__file__).resolve().parent.parent
SLUG = re.compile(r'"([a-z0-9]+(?:-[a-z0-9]+)*)"')
SAID = re.compile(
    r"(?:\berror|\bwarn|\bnote|_warning|_error|ShapeError|ValueProblem|Diagnostic|Mistake|Fault)"
    r'\(\s*(?:work,\s*)?"([a-z0-9]+(?:-[a-z0-9]+)*)"'
)


def sources():
    return {path: path.read_text("utf-8") for path in SOURCE.glob("**/*.py") if path.name != "codes.py"}


def test_every_code_that_is_said_is_declared():
    said = {code for text in sources().values() for code in SAID.findall(text)}
    assert len(said) > 100
    assert said - set(CODES) == set()


def test_every_code_that_is_declared_is_said():
    named = {slug for text in sources().values() for slug in SLUG.findall(text)}
    assert set(CODES) - named == set()


def test_every_code_is_shown_by_a_case_or_a_test():
    cases = "".join(path.read_text("utf-8") for path in TESTS.glob("cases/**/*.md"))
    tests = "".join(path.read_text("utf-8") for path in TESTS.glob("**/*.py"))
    shown = set(re.findall(r"^(?:error|warning|note)\[([\w-]+)\]", cases, re.MULTILINE)) | set(SLUG.findall(tests))
    assert set(CODES) - shown == set()


def first_code(spec):
    with pytest.raises(archlang.ArchError) as raised:
        archlang.read(spec)
    return raised.value.diagnostics[0].code


def test_a_name_that_leads_nowhere_says_why(tmp_path):
    assert first_code("resnett") == "no-such-network"
    assert first_code(str(tmp_path / "nowhere.arch")) == "no-such-file"
    (tmp_path / "folder.arch").mkdir()
    assert first_code(str(tmp_path / "folder.arch")) == "unreadable-file"


def test_a_network_of_the_zoo_in_place_of_a_missing_file_is_a_note(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "zoo-network" in [d.code for d in archlang.read("lenet.arch").warnings]
