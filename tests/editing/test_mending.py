"""Mistakes, and the changes that mend them."""

from __future__ import annotations

import pytest
from runner import cases

from archlang.diagnostics import Severity
from archlang.editing import applied, fixes
from archlang.model import check
from archlang.source import Source


def errors(text):
    return [each.code for each in check(Source("a", text)) if each.severity is Severity.ERROR]


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("expect parms == 280", "expect params == 280"),
        ("conv1-k-1", "conv1-(k-1)"),
        ("res(conv1-3; relu)", "res[conv1-3; relu]"),
        ("3x3-8", "3x3,8"),
        ("conv3-8(pad=1 bias=false)", "conv3-8(pad=1, bias=false)"),
        ("conv3-8 as a conv3-8", "conv3-8 as a; conv3-8"),
        ("conv3-8 as b; LRN maxpool3/2(pad=1)", "conv3-8 as b; LRN; maxpool3/2(pad=1)"),
        ("conv1-8 => 9x8x8", "conv1-8 => 8x8x8"),
        ("if k = 1 { relu }", "if k == 1 { relu }"),
    ],
)
def test_a_mistake_whose_help_says_what_to_type_is_mended(text, mended):
    source = Source("a", f"input 3x8x8\nlet k = 2\n{text}\nconv1-k; gap; FC-10\n")
    (fix,) = fixes(source)
    assert applied(source.text, list(fix.edits)) == source.text.replace(text, mended)


def test_what_stands_beside_the_mistake_and_in_the_help_is_not_written_twice():
    source = Source("a", "input 3, 8, 8\nrelu\n")
    (fix,) = fixes(source)
    assert applied(source.text, list(fix.edits)) == "input 3x224x224\nrelu\n"


def test_a_help_that_is_an_example_is_no_fix():
    assert fixes(Source("a", "input 3x8x8\nconv3-64; no relu\n")) == []


def test_every_fix_of_the_cases_leaves_fewer_mistakes_of_its_kind():
    found = 0
    for case in cases():
        source = Source("a", case.program)
        for fix in fixes(source):
            if fix.diagnostic.fix is None:
                found += 1
                code = fix.diagnostic.code
                after = errors(applied(source.text, list(fix.edits)))
                assert after.count(code) < errors(case.program).count(code)
    assert found > 80
