from __future__ import annotations

import pytest

from archlang.diagnostics import Diagnostic, Label, Severity
from archlang.diagnostics.codes import CODES
from archlang.diagnostics.json import records
from archlang.diagnostics.text import render
from archlang.model import check
from archlang.source import Source, Span

BROKEN = Source("nets/broken.arch", "\n" * 7 + "    concat[ conv1-n1 | conv3-n3/2 ]\n\ninception(64, 128)\n")


def at(source: Source, text: str) -> Span:
    start = source.text.index(text)
    return Span(source, start, start + len(text))


def shapes() -> Diagnostic:
    return Diagnostic(
        "branch-shapes",
        "`concat` branch 2 is 128x56x56 but branch 1 is 64x112x112",
        at(BROKEN, "concat[ conv1-n1 | conv3-n3/2 ]"),
        labels=(Label(at(BROKEN, "conv1-n1"), "64x112x112"), Label(at(BROKEN, "conv3-n3/2"), "128x56x56")),
        help="spatial sizes must agree: check padding and stride",
        trace=(Label(at(BROKEN, "inception(64, 128)")),),
    )


def test_two_labels_of_one_line_hang_below_it():
    assert render(shapes()) == (
        "error[branch-shapes]: `concat` branch 2 is 128x56x56 but branch 1 is 64x112x112\n"
        "  --> nets/broken.arch:8:5\n"
        "   |\n"
        " 8 |     concat[ conv1-n1 | conv3-n3/2 ]\n"
        "   |             ^^^^^^^^   ^^^^^^^^^^ 128x56x56\n"
        "   |             64x112x112\n"
        "   = help: spatial sizes must agree: check padding and stride\n"
        "   = note: in the call at line 10: `inception(64, 128)`"
    )


def test_three_labels_of_one_line_are_joined_to_their_carets():
    source = Source("a", "aaa bbb ccc")
    labels = tuple(Label(at(source, t), t[0].upper()) for t in ("aaa", "bbb", "ccc"))
    lines = render(Diagnostic("x", "m", Span(source, 0, 11), labels=labels)).splitlines()
    assert lines[3:] == [" 1 | aaa bbb ccc", "   | ^^^ ^^^ ^^^ C", "   | |   B", "   | A"]


def test_a_label_in_another_file_gets_an_excerpt_of_its_own():
    other = Source("other.arch", "block f {\n}")
    found = Diagnostic("x", "m", at(BROKEN, "concat"), "here", labels=(Label(at(other, "block f"), "declared here"),))
    assert render(found).splitlines()[5:] == [
        "  ::: other.arch:1:1",
        "   |",
        " 1 | block f {",
        "   | ^^^^^^^ declared here",
    ]


def test_lines_between_two_places_are_left_out():
    source = Source("a", "one\ntwo\nthree\nfour")
    found = Diagnostic("x", "m", at(source, "four"), labels=(Label(at(source, "one"), "first"),))
    assert render(found).splitlines()[3:] == [" 1 | one", "   | ^^^ first", " ...", " 4 | four", "   | ^^^^"]


def test_carets_stand_under_their_text_after_tabs_wide_and_control_characters():
    source = Source("a", "\t日本\x1b[0m e\u0301 §")
    lines = render(Diagnostic("x", "m", at(source, "§"))).splitlines()
    assert lines[3] == " 1 |     日本\\x1b[0m e\u0301 §"
    columns = 4 + 4 + 4 + 3 + 1 + 1 + 1
    assert lines[4] == "   | " + " " * columns + "^"


def test_no_control_character_of_the_input_reaches_the_terminal():
    source = Source("evil\x1b]0;title\x07.arch", "a \x1b[31m\u202e b")
    found = Diagnostic("x", "m \x1b[2J", Span(source, 0, 3), "t\x07", help="h\x1b", notes=("n\x9b",))
    assert not set(render(found)) & set("\x1b\x07\x9b\u202e")


def test_a_long_line_is_cut_around_each_of_its_places():
    source = Source("a", "x" * 500 + "HERE" + "y" * 500 + "THERE" + "z" * 500)
    found = Diagnostic("x", "m", at(source, "HERE"), "one", labels=(Label(at(source, "THERE"), "two"),))
    lines = render(found).splitlines()[3:]
    assert max(map(len, lines)) < 120
    assert [carets.index("^") for carets in lines[1::2]] == [lines[0].index("HERE"), lines[2].index("THERE")]


def test_the_end_of_a_text_can_be_pointed_at():
    source = Source("a", "abc")
    assert render(Diagnostic("x", "m", Span(source, 3, 3))).splitlines()[-1] == "   |    ^"


def test_colours_change_nothing_but_colours():
    import re

    assert re.sub(r"\x1b\[[0-9;]*m", "", render(shapes(), color=True)) == render(shapes())
    assert "\x1b[" in render(shapes(), color=True)


def test_a_warning_says_so():
    found = Diagnostic("x", "m", at(BROKEN, "concat"), severity=Severity.WARNING)
    assert render(found).startswith("warning[x]: m\n")


def test_a_record_holds_everything_by_line_and_column():
    (record,) = records([shapes()])
    assert record["code"] == "branch-shapes"
    assert (record["file"], record["line"], record["column"]) == ("nets/broken.arch", 8, 5)
    assert (record["end_line"], record["end_column"]) == (8, 36)
    assert record["labels"][1] == {
        "file": "nets/broken.arch", "line": 8, "column": 24, "end_line": 8, "end_column": 34, "start": 30, "end": 40,
        "text": "128x56x56",
    }  # fmt: skip
    assert record["trace"][0]["line"] == 10
    assert set(record) == {
        "code", "severity", "message", "file", "line", "column", "end_line", "end_column", "text", "labels", "help",
        "notes", "trace", "start", "end", "fix",
    }  # fmt: skip


def test_every_code_is_a_slug_with_a_meaning():
    for code, meaning in CODES.items():
        assert code == code.lower().strip("-")
        assert code.replace("-", "").isalnum()
        assert meaning
        assert not meaning.endswith(".")


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("input 3x8x8\ncov3-8\n", "input 3x8x8\nconv3-8\n"),
        ("input 3x8x8\nconv3-8 as left\nfrom letf: relu\n", "input 3x8x8\nconv3-8 as left\nfrom left: relu\n"),
        ("input 3x8x8\nconv3-8]]\n", None),
        ("input 3x8x8\nconv3-8;; relu\n", "input 3x8x8\nconv3-8; relu\n"),
        ("stgae conv3-8\n", "stage conv3-8\n"),
        ("net A { input 3x8x8; relu }\n}\n", "net A { input 3x8x8; relu }\n\n"),
        ("input 3x8x8\nconv3-8(pda=1)\n", None),
    ],
)
def test_a_fix_typed_in_place_of_its_span_mends_the_file(wrong, right):
    (record,) = records(check(Source("n.arch", wrong)))
    if record["fix"] is None:
        assert right is None
    else:
        assert wrong[: record["start"]] + record["fix"] + wrong[record["end"] :] == right
        assert not [d for d in check(Source("n.arch", right)) if d.severity is Severity.ERROR]


def test_a_mark_behind_many_letters_that_cannot_be_shown_is_shown():
    source = Source("a", "\U00012544" * 30 + "here" + "\U00012544" * 30)
    lines = render(Diagnostic("x", "m", at(source, "here"))).splitlines()
    row, carets = lines[3], lines[4]
    assert row[carets.index("^") : carets.rindex("^") + 1] == "here"
