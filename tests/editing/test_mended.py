"""Texts with their mistakes mended, as `check --fix` has them."""

from __future__ import annotations

import pytest
from runner import cases

from archlang.diagnostics import Severity
from archlang.editing import mended
from archlang.model import check
from archlang.source import Source


def errors(text):
    return [each for each in check(Source("a", text)) if each.severity is Severity.ERROR]


def result(text):
    return mended(Source("a", text)).source.text


def test_mistakes_are_mended_together_and_what_comes_to_light_behind_them_too():
    text = "input 3x8x8\nk = 3\nres{ conv3-3 }; maxpol2\n3x3-16;; relu\nconv1-k-1; concatenate[ relu | relu ]\n"
    done = mended(Source("a", text))
    assert done.source.text == (
        "input 3x8x8\nlet k = 3\nres[ conv3-3 ]; maxpool2\n3x3,16; relu\nconv1-(k-1); concat[ relu | relu ]\n"
    )
    assert {fix.diagnostic.code for fix in done.fixes} == {
        *("assignment", "layers-in-braces", "unknown-layer", "kernel-dash", "empty-item", "computed-width"),
        "unknown-wrap",
    }
    assert errors(done.source.text) == []


@pytest.mark.parametrize(
    "text",
    [
        "input 3x8x8\nconv3-8 => 9x9x9\n",  # what the paper claims
        "input 3x8x8\nconv3-8\nexpect params == 3M\n",
        "input 8\nconv3-8\n",  # numbers that nobody said
        "input 3,8,9\nconv3-8\n",
        "input 3x8x8\nconv3\n",
        "input 3x8x8\nconv3-8 x; relu\n",
        "input 3x8x8\n7x7/2\n",
        "input 3x8x8\nconv3-8 => 1.5\n",
        "input 3x8x8\nconv3-8\nagain(3)\n",
        "input 3x8x8\nconv3 64\n",  # a choice
        "input 3x8x8\nstage 1: conv3-8\n",
        "input 3x8x8\nletter\n",  # a name far from the one that is offered
        "input 3x8x8\nconv3-8\nconv3-8\nfrom conv3: relu\n",  # another number is another layer
        "input 3x8x8\nconv3-8 as a as b\n",
    ],
)
def test_nothing_is_chosen_or_thought_up(text):
    assert errors(text)
    assert result(text) == text


def test_a_fix_that_leaves_as_many_mistakes_is_not_made():
    assert result("input 3x8x8\ncnv3\n") == "input 3x8x8\ncnv3\n"  # a convolution without a width is none


def test_what_a_mistake_has_hidden_is_no_reason_to_leave_it():
    assert result("input 3x8x8\nmaxpol x9\n") == "input 3x8x8\nmaxpool x9\n"  # which leaves nothing of the map


def test_a_good_text_is_left_alone_and_mending_twice_is_mending_once():
    for case in cases():
        if case.path.stem != "limits":
            once = mended(Source("a", case.program))
            assert bool(once.fixes) == (once.source.text != case.program)
            assert len(errors(once.source.text)) <= len(errors(case.program)) or once.fixes
            assert not mended(once.source).fixes


def test_only_the_text_itself_is_changed_and_not_what_it_imports(tmp_path):
    (tmp_path / "b.arch").write_text("block b { conv3 - 8 }\n")
    source = Source("a.arch", 'import "b.arch": b\ninput 3x8x8\nb; rleu\n', tmp_path / "a.arch")
    assert mended(source).source.text.endswith("b; relu\n")
    assert (tmp_path / "b.arch").read_text() == "block b { conv3 - 8 }\n"
