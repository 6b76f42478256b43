"""Whatever the text, the answer is a program and diagnostics inside the text: never a traceback, never a hang."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archlang.diagnostics.codes import CODES
from archlang.diagnostics.json import records
from archlang.diagnostics.text import render
from archlang.source import Source
from archlang.syntax.parse import parse

TEXTS = [p.read_text("utf-8") for p in sorted((Path(__file__).parents[1] / "samples").glob("**/*.arch"))]
BITS = [
    *'()[]{}|;,:=/*-+x@"#.\n\t \\', "as ", "no ", "when ", "if ", "else ", "net ", "stage ", "\x00", "é", "1e999",
    "9" * 30, " x3", "\r\n", "..", "=>", "//", "conv3-64", '"a', "|| ", "block f(", "let k =", "table a {", "\ufeff",
    "\u202e", "\N{RIGHT SINGLE QUOTATION MARK}",
]  # fmt: skip


def damaged(rng: random.Random) -> str:
    """A sample with a few things left out, put in or moved."""
    text = rng.choice(TEXTS)
    for _ in range(rng.choice([1, 1, 2, 3, 8])):
        at, kind = rng.randrange(len(text) + 1), rng.random()
        if kind < 0.35:
            text = text[:at] + text[at + rng.choice([1, 1, 2, 5, 30]) :]
        elif kind < 0.75:
            text = text[:at] + rng.choice(BITS) + text[at:]
        elif kind < 0.9:
            other = rng.randrange(len(text) + 1)
            text = text[:at] + text[other : other + rng.randrange(40)] + text[at:]
        else:
            text = text[:at]
    return text


def check(text: str) -> None:
    source = Source("damaged.arch", text)
    program, found = parse(source)
    for d in found:
        assert d.code in CODES
        assert 0 <= d.span.start <= d.span.end <= len(text)
        assert all(0 <= label.span.start <= label.span.end <= len(text) for label in d.labels)
        assert "\n" not in d.message
        render(d, color=True)
    records(found)
    assert found or not program.broken
    assert len({(d.code, d.span.start, d.span.end) for d in found}) == len(found)


def test_damaged_samples_give_diagnostics_inside_the_text():
    rng = random.Random(0)
    for _ in range(300):
        check(damaged(rng))


@pytest.mark.slow
def test_ten_thousand_damaged_samples_give_diagnostics_inside_the_text():
    rng = random.Random(1)
    for _ in range(10_000):
        check(damaged(rng))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_any_text_at_all_gives_diagnostics_inside_it(text):
    check(text)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from([*BITS, "a", "conv", "3", "-"]), max_size=60))
def test_any_heap_of_tokens_gives_diagnostics_inside_it(bits):
    check("".join(bits))


UNITS = [
    "(", "[", "{", '"', "#", "-", "1+", "a ", "}", "]", "\\", "\\\n", "é", "[a\n", "a-", "@A ", ";", "|",
    "if a {} else ", "/", "x3 ", "as a ", "{a b} ", "not ", "2**", "f(", "a b\n", "stage {a} b\n", "[a b] ", "1x",
]  # fmt: skip


@pytest.mark.parametrize("unit", UNITS)
def test_a_text_that_repeats_one_thing_is_answered_soon(unit):
    began = time.perf_counter()
    check(unit * (40_000 // len(unit)))
    assert time.perf_counter() - began < 5
