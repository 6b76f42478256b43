"""Calls of one class: those that are alike are worked out once, those that differ in anything are not."""

from __future__ import annotations

import pytest

import archlang
from archlang.emit import builder

BLOCK = "block b(w, s=1, note=0) { conv3-w/s; bn; add[conv1-w | conv3-w]; relu }\n"


@pytest.fixture
def distinct(monkeypatch):
    """How many distinct calls each class was worked out for, as they come."""
    counts = []

    def counted(merged, shapes):
        found = alike(merged, shapes)
        counts.append((len(merged.units), len(found[0].units), found[1]))
        return found

    alike = builder.alike
    monkeypatch.setattr(builder, "alike", counted)
    return counts


def of_the_block(distinct, text):
    archlang.parse(f"input 8x32x32\n{BLOCK}{text}").code()
    return next(found for found in distinct if found[0] > 1)


def test_copies_of_a_block_are_worked_out_once(distinct):
    assert of_the_block(distinct, "b(8) x 40") == (40, 1, (0,) * 40)


@pytest.mark.parametrize(
    ("text", "stands_in"),
    [
        ("b(8); b(8); b(16); b(16); b(16)", (0, 0, 1, 2, 2)),  # the third call's input is narrower than the fourth's
        ("b(8); b(8, s=2); b(8); b(8, s=2)", (0, 1, 0, 1)),
        ("b(8); b(8, note=1); b(8)", (0, 1, 0)),  # a parameter that nothing reads
        ("b(8); b(8, note=true); b(8, note=1)", (0, 1, 2)),  # `true` is not 1
    ],
)
def test_calls_that_differ_in_one_thing_are_apart(distinct, text, stands_in):
    assert of_the_block(distinct, text)[2] == stands_in


def test_a_call_says_its_own_arguments_however_many_are_alike():
    module = archlang.parse(f"input 8x32x32\n{BLOCK}b(8); b(16); b(16, s=2); b(16, s=2); b(8)").build()
    convs = [inner for name, inner in module.named_modules() if name.endswith(".conv1")]
    assert [conv.out_channels for conv in convs] == [8, 16, 16, 16, 8]
    assert [conv.stride[0] for conv in convs] == [1, 1, 2, 2, 1]
