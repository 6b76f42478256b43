"""The one form: what it looks like, and that it is the same program."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from damage import damaged, programs
from hypothesis import given, settings
from hypothesis import strategies as st
from runner import cases
from spacing import respaced
from trees import tree

from archlang.diagnostics import ArchError
from archlang.formatting import format_text

ROOT = Path(__file__).resolve().parents[2]
COMMENT = re.compile(r"#[^\n]*?(?=\s*$)", re.MULTILINE)
PROGRAMS = [case.program for case in cases() if tree(case.program) is not None]
SAMPLES = [path.read_text("utf-8") for path in sorted((ROOT / "tests/samples").glob("*.arch"))]


def assert_the_same(text):
    formed = format_text(text)
    assert tree(formed) == tree(text)
    assert format_text(formed) == formed
    assert [c for c in COMMENT.findall(formed) if '"' not in c] == [c for c in COMMENT.findall(text) if '"' not in c]


@pytest.mark.parametrize(("name", "text"), programs(), ids=lambda value: value if value.endswith(".arch") else "")
def test_the_zoo_is_formatted(name, text):
    assert format_text(text, name) == text


def test_samples_and_cases_mean_the_same_when_formatted():
    assert len(PROGRAMS) > 250
    for text in [*SAMPLES, *PROGRAMS]:
        assert_the_same(text)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.booleans())
def test_programs_whose_spaces_are_otherwise_mean_the_same_when_formatted(seed, whole):
    text = programs()[seed % len(programs())][1] if whole else damaged(seed)[1].replace("\ufeff", "")
    text = respaced(seed, text)
    if tree(text) is not None:
        assert_the_same(text)


@pytest.mark.parametrize("seed", range(40))
def test_space_at_random_goes(seed):
    text = "conv3-64/2(pad=1, bias=false) x n[0] /2 as a => 64x?x?; res[ f | g ] when not (a and -b < 2*c)\n"
    text = f"let n = [3, 4]\n@A..C: {text}from a, b: add; [conv; relu] * 3 no relu, bn bare to c\n"
    other = re.sub(r" (?=[^ ])", lambda _: " " * (seed % 3 + 1), text) if seed else text
    assert format_text(other) == text


@pytest.mark.parametrize(
    ("text", "formed"),
    [
        ("conv3-64;relu ;maxpool", "conv3-64; relu; maxpool\n"),
        ("conv3-64; relu;", "conv3-64; relu\n"),
        ("\n\nconv3-64\n\n\n\nrelu\n\n", "conv3-64\n\nrelu\n"),
        ("net A{input 3x8x8;gap;}", "net A { input 3x8x8; gap }\n"),
        ("net A {\n\n    input 3x8x8\n\n}", "net A {\n  input 3x8x8\n}\n"),
        ("conv3-64#wide", "conv3-64  #wide\n"),
        ("conv3-64   # wide\nrelu # narrow", "conv3-64  # wide\nrelu  # narrow\n"),
        ("concat[a|b;c]", "concat[ a | b; c ]\n"),
        ("res[ a;b]", "res[ a; b ]\n"),
        ("res[a;b ]", "res[a; b]\n"),
        ("conv1-(4 *w)", "conv1-(4 * w)\n"),
        ("conv1-( 4*w )", "conv1-(4*w)\n"),
        ("let a=[3,4 , 23]", "let a = [3,4, 23]\n"),
        ("maps([0,1, 2,3])", "maps([0,1, 2,3])\n"),
        ("unit( 64,w = 2 )x3/2", "unit(64, w=2) x3 /2\n"),
        ("conv3-64 x (k+1)", "conv3-64 x(k+1)\n"),
        ("3x3 , 64", "3x3,64\n"),
        ('expect a.params==3K but 4K"x"@ A .. B,C', 'expect a.params == 3K but 4K "x" @A..B, C\n'),
        ("variant A,B:w=3,k = 2", "variant A, B: w=3, k=2\n"),
        ("lr a .. b=0.1", "lr a..b = 0.1\n"),
        ("dense x6 as d1 ..=> 8x4x4", "dense x6 as d1.. => 8x4x4\n"),
        ("if a==-1{b}else{c}", "if a == -1 { b } else { c }\n"),
        ("if a { b }\n    else { c }", "if a { b }\nelse { c }\n"),
        ("a; \\\n b", "a; \\\n  b\n"),
        ("a \\\n\nb", "a\n\nb\n"),
        ("\ufeffa", "a\n"),
        ("a\r\nb;c\r\n", "a\r\nb; c\r\n"),
        ("", ""),
        ("# alone", "# alone\n"),
    ],
)
def test_what_is_not_lined_up_has_its_usual_space(text, formed):
    assert format_text(text) == formed


def test_what_goes_on_in_brackets_stands_under_its_beginning():
    text = "concat[ a\n | b\n   c\n| d ]\nconv3-64(pad=1,\nbias=false)\nseq[\na\n# b\nb\n]\n"
    formed = "concat[ a\n      | b\n        c\n      | d ]\nconv3-64(pad=1,\n         bias=false)\n"
    formed += "seq[\n  a\n  # b\n  b\n]\n"
    assert format_text(text) == formed


def test_what_is_lined_up_stays_so_when_something_before_it_moves():
    text = "conv3-64;relu     => 64x8x8\nmaxpool           => 64x4x4\n"
    assert format_text(text) == "conv3-64; relu     => 64x8x8\nmaxpool            => 64x4x4\n"


def test_the_columns_of_a_table_stay_lined_up_at_their_right():
    text = "table b(t, c) x n {\n      t,   c, n\n      1,  16, 1\n     12, 160, 4\n}\n"
    formed = "table b(t, c) x n {\n   t,   c, n\n   1,  16, 1\n  12, 160, 4\n}\n"
    assert format_text(text) == formed


def test_arguments_lined_up_as_a_papers_columns_stay_so():
    text = "inception( 64,  96,128, 16, 32, 32)  as i3a  => 256x28x28\n"
    text += "inception(128, 128,192, 32, 96, 64)  as i3b  => 480x28x28\n"
    assert format_text(text) == text


def test_a_comment_under_another_goes_with_it():
    text = "conv3-64;relu    # one\n                 # two\n"
    assert format_text(text) == "conv3-64; relu  # one\n                # two\n"


def test_a_text_with_syntax_errors_has_no_form_and_every_error_is_told():
    with pytest.raises(ArchError) as caught:
        format_text("res(conv3-64; relu)\nconv1-4*w\n", "wrong.arch")
    assert [d.code for d in caught.value.diagnostics] == ["layers-in-parentheses", "computed-width"]
    assert caught.value.diagnostics[0].span.source.name == "wrong.arch"


def test_a_long_text_is_formatted_in_time_that_grows_with_it():
    text = "conv3-64;relu     => 64x8x8\nmaxpool           => 64x4x4\n" * 1000
    assert format_text(text).count("\n") == 2000


def test_a_long_line_is_formatted_in_time_that_grows_with_it():
    text = "conv3-64;relu;" * 4_000
    assert format_text(text) == "; ".join(["conv3-64; relu"] * 4_000) + "\n"


def test_tabs_stand_for_spaces_up_to_a_multiple_of_eight():
    assert format_text("conv3-64\t=> 64x8x8\nmaxpool\t\t=> 64x4x4\n") == (
        "conv3-64        => 64x8x8\nmaxpool         => 64x4x4\n"
    )
