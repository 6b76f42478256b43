"""One mistake, one error: at the mistake, under the name of its kind, with what to type instead."""

from random import Random

import pytest
from slips import SLIPS, planted

from archlang.diagnostics import Severity
from archlang.diagnostics.text import render
from archlang.model import check

IN_CI = 1
"""Places of each kind that every run looks at."""
MOSTLY = 0.99
"""Of all the places there are: what is left is a slip that looks like another, `]` for a lost `[` three lines up."""


def places(slip):
    found = list(planted(slip))
    Random(slip.name).shuffle(found)
    return found


def complaint(slipped):
    """What is wrong with what archlang says of a text with one slip; None if nothing is."""
    slip = slipped.slip
    found = [d for d in check(slipped.source) if d.severity is Severity.ERROR]
    if slip.legal:
        return "refused" if found else None
    if len(found) != 1:
        return f"{len(found)} errors"
    error = found[0]
    if error.code not in slip.codes.split():
        return "another code"
    if slip.helped and not error.help:
        return "no help"
    first, last = slipped.lines
    spans = [error.span, *(label.span for label in error.labels)]
    if not any(first - slip.reach <= span.line <= last + slip.reach for span in spans):
        return "another place"
    return None


def shown(slipped, what):
    told = "\n".join(render(d) for d in check(slipped.source))
    return f"{slipped.slip.name}, {slipped.source.name}:{slipped.lines[0]}: {what}\n{told}"


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.name)
def test_one_slip_is_one_error_at_its_place_with_help(slip):
    some = places(slip)[:IN_CI]
    assert some
    for slipped in some:
        what = complaint(slipped)
        assert what is None, shown(slipped, what)


def test_there_are_seventy_kinds_of_slips_in_two_thousand_places():
    assert len(SLIPS) >= 70
    assert len({slip.name for slip in SLIPS}) == len(SLIPS)
    assert sum(1 for slip in SLIPS for _ in planted(slip)) >= 2000


@pytest.mark.slow
@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.name)
def test_nearly_every_place_of_a_slip_is_told_of_rightly(slip):
    everywhere = places(slip)
    wrong = [(s, what) for s in everywhere if (what := complaint(s)) is not None]
    assert len(wrong) <= len(everywhere) * (1 - MOSTLY) + 1, shown(*wrong[0])
