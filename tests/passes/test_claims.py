"""`expect` lines, held against what is counted."""

import pytest

from archlang import parse
from archlang.diagnostics import ArchError, Severity
from archlang.passes.claims import agrees, written_like

NET = """net Small {
  input 3x8x8
  conv3-16 as a; relu; gap; FC-10 as b
  expect %s
}
"""  # 448 + 170 parameters, 27,648 + 160 MACs, depth 2


def problems(claim):
    try:
        return list(parse(NET % claim).warnings)
    except ArchError as error:
        return list(error.diagnostics)


TRUE = [
    "params == 618",
    "params == 0.6K",
    "params == 0.62K",
    "params == 0.618K",
    "params <= 618",
    "params != 617",
    "params > 600",
    "macs == 27808",
    "macs == 28K",
    "macs == 27.8K",
    "depth == 2",
    "depth == 1 + 1",
    "a.params == 448",
    "b.macs == 160",
    "a.depth == 1",
    "params_train == 618",
    "params_trainable == 618",
    "params == 617 but 618",
    'params == 0.7K but 0.6K "misprint"',
]
FALSE = [
    "params == 617",
    "params == 0.7K",
    "params == 0.63K",
    "params == 0.617K",
    "params < 618",
    "params != 618",
    "macs == 27K",
    "depth == 3",
    "a.params == 449",
    "params >= 619",
]


@pytest.mark.parametrize("claim", TRUE)
def test_a_claim_that_holds_to_its_digits_is_silent(claim):
    assert problems(claim) == []


@pytest.mark.parametrize("claim", FALSE)
def test_a_claim_that_does_not_hold_is_an_error_at_its_figure(claim):
    (problem,) = problems(claim)
    assert (problem.code, problem.severity) == ("expect", Severity.ERROR)
    assert problem.span.text in claim.split()


def test_the_help_gives_the_count_with_the_same_digits():
    (problem,) = problems("params == 0.63K")
    assert "0.62K" in problem.help
    assert "618" in problem.message


def test_but_wants_the_first_figure_wrong_and_the_second_right():
    (right_after_all,) = problems("params == 618 but 618")
    assert (right_after_all.code, "right after all" in right_after_all.message) == ("expect-but", True)
    (wrong_too,) = problems("params == 617 but 619")
    assert (wrong_too.code, wrong_too.span.text) == ("expect-but", "619")


@pytest.mark.parametrize("claim", ["params >= 0", "depth > -1", "macs != 1.25", "params != -5"])
def test_a_claim_that_no_network_could_break_is_a_warning(claim):
    (problem,) = [p for p in problems(claim) if p.code == "expect-always"]
    assert problem.severity is Severity.WARNING


def test_a_claim_about_something_else_names_what_is_counted():
    (problem,) = problems("beauty == 3")
    assert "params" in problem.help


def test_a_claim_waits_for_the_size_of_the_input():
    text = NET.replace("3x8x8", "3xHxW") % "macs == 27808"
    (note,) = [d for d in parse(text).warnings if d.code == "expect-symbolic"]
    assert note.severity is Severity.NOTE
    assert parse(text, input="3x8x8").warnings == ()


def test_a_tie_belongs_to_both_figures():
    assert agrees(137_500_000, "==", 138_000_000, "138M")
    assert agrees(138_500_000, "==", 138_000_000, "138M")
    assert not agrees(138_500_001, "==", 138_000_000, "138M")
    assert not agrees(138_000_001, "==", 138_000_000, "138000000")


def test_counts_are_written_like_the_claim():
    assert written_like(138_357_544, "134M") == "138M"
    assert written_like(375_552, "364K") == "376K"
    assert written_like(19_421_274, "20.0M") == "19.4M"
    assert written_like(618, "7") == "618"


@pytest.mark.parametrize("digits", ["1e999", "1e-99999999", "1e300", "9" * 40, "0.5e99999999"])
def test_absurd_figures_are_answered_without_a_crash(digits):
    assert any(p.severity is Severity.ERROR for p in problems(f"params == {digits}"))


def test_what_learns_may_be_claimed_of_a_network_and_of_a_label():
    text = """net Tuned {
      input 3x8x8
      conv3-16 as a; conv1-16 as b; gap; FC-10 as c
      freeze a
      expect params_trainable == 442
      expect a.params_trainable == 0
      expect b.params_trainable == 272
      expect a.params == 448
    }"""
    assert parse(text).warnings == ()
    with pytest.raises(ArchError):
        parse(text.replace("442", "890"))
