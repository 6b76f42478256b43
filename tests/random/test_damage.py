"""Damaged programs: archlang says what is wrong with them, and never falls over itself."""

import os
import signal
from contextlib import contextmanager

import pytest
from damage import damaged

from archlang.diagnostics import ArchError, Severity
from archlang.diagnostics.codes import CODES
from archlang.diagnostics.text import render
from archlang.model import check, parse
from archlang.source import Source

SECONDS = 90
"""What one damaged file may take of the processor: a guard against hanging. Damage may ask for a thousand copies of all
blocks (`x classes`), which is legal, some 60,000 layers, and takes a slow machine ten seconds, twice."""


class TooLong(BaseException):
    pass


@contextmanager
def in_time():
    def ring(*_):
        raise TooLong

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def assert_sound(diagnostic):
    spans = [diagnostic.span, *(label.span for label in (*diagnostic.labels, *diagnostic.trace))]
    for span in spans:
        assert 0 <= span.start <= span.end <= len(span.source.text), (diagnostic, span.start, span.end)
    assert diagnostic.code in CODES
    assert diagnostic.message
    assert "None" not in diagnostic.message
    assert render(diagnostic).startswith(f"{diagnostic.severity.value}[{diagnostic.code}]: ")


def complain(seed):
    name, text = damaged(seed)
    with in_time():
        found = check(Source(name, text))
        for diagnostic in found:
            assert_sound(diagnostic)
        wrong = any(d.severity is Severity.ERROR for d in found)
        try:
            model = parse(text, name=name)
        except ArchError as error:
            found = error.diagnostics
        else:
            assert model.params >= 0
            return
        assert wrong or found[-1].code == "no-network", render(found[0])


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_a_damaged_program_is_answered_with_diagnostics(first):
    for seed in range(first, first + 50):
        try:
            complain(seed)
        except BaseException as error:
            error.add_note(f"the program is damaged({seed})")
            raise


@pytest.mark.slow
def test_thousands_of_damaged_programs_are_answered_with_diagnostics():
    for seed in range(300, int(os.environ.get("ARCHLANG_DAMAGED", "10000"))):
        try:
            complain(seed)
        except BaseException as error:
            error.add_note(f"the program is damaged({seed})")
            raise
