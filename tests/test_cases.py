"""Every case of tests/cases, word for word."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from archlang.diagnostics.codes import CODES

_spec = importlib.util.spec_from_file_location("case_runner", Path(__file__).parent / "cases" / "runner.py")
assert _spec
assert _spec.loader
runner = importlib.util.module_from_spec(_spec)
sys.modules["case_runner"] = runner
_spec.loader.exec_module(runner)

CASES = list(runner.cases())


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_archlang_says_of_each_case_exactly_what_it_records(case):
    assert runner.said(case) == case.expected


def test_every_syntax_code_has_a_case():
    shown = {
        line.split("[", 1)[1].split("]", 1)[0]
        for c in CASES
        for line in c.expected.splitlines()
        if "]: " in line and "[" in line
    }
    syntax = list(CODES)[list(CODES).index("arrow") : list(CODES).index("wrong-bar") + 1]
    assert set(syntax) - shown - {"too-long"} == set()
