"""Layers that a file declares: they are completed, explained, found and renamed as any other."""

from __future__ import annotations

import pytest

from archlang.editing import applied, completions, definition, folds, hover, references, rename, symbols
from archlang.source import Source

TEXT = """\
# Squeezes, and excites.
extern se(r=16, k=1) = "torchvision.ops:SqueezeExcitation"(in.c, in.c // r) {
  shape = in
  params = 2*in.c*(in.c // r) + in.c + in.c // r
}
net A {
  input 32x8x8
  conv3-32; se(r=8); se3; se
}
"""
SOURCE = Source("a.arch", TEXT)


def at(marked):
    plain = marked.replace("^", "")
    assert TEXT.count(plain) == 1, plain
    return TEXT.index(plain) + marked.index("^")


def test_hover_says_how_it_was_declared_and_what_it_costs_here():
    text = hover(SOURCE, at("^se(r=8)")).text
    assert "32x8x8 → 32x8x8" in text
    assert "292 parameters" in text
    assert 'extern se(r=16, k=1) = "torchvision.ops:SqueezeExcitation"' in text
    assert "Squeezes, and excites." in text


@pytest.mark.parametrize(("marked", "place"), [("^se(r=8)", (2, "se")), ("s^e3;", (2, "se")), ("// ^r)", (2, "r"))])
def test_it_and_its_parameters_lead_to_where_they_are_declared(marked, place):
    marked = marked if TEXT.count(marked.replace("^", "")) == 1 else "(in.c, in.c // ^r) {"
    span = definition(SOURCE, at(marked))
    assert (span.line, span.text) == place


def test_it_is_found_and_renamed_wherever_it_is_called():
    assert [(span.line, span.text) for span in references(SOURCE, at("^se(r=8)"))] == [
        (2, "se"),
        (8, "se"),
        (8, "se"),
        (8, "se"),
    ]
    text = applied(TEXT, rename(SOURCE, at("^se(r=8)"), "gate"))
    assert "conv3-32; gate(r=8); gate3; gate\n" in text
    assert "extern gate(r=16" in text
    text = applied(TEXT, rename(SOURCE, at("se(^r=8)"), "ratio"))
    assert "extern se(ratio=16" in text
    assert "se(ratio=8)" in text
    assert "in.c + in.c // ratio" in text


def test_it_is_offered_with_its_parameters():
    offered = {each.label: each for each in completions(SOURCE, at("conv3-32; ^se(r=8)"))}
    assert offered["se"].kind == "extern"
    typed = TEXT.replace("se(r=8)", "se(r")
    found = completions(Source("a", typed), typed.index("se(r; ") + 4)
    assert [(each.label, each.detail) for each in found if each.kind == "option"] == [("r", "= 16")]
    begun = Source("a", "ext")
    assert [each.label for each in completions(begun, 3)] == ["extern"]


def test_it_stands_in_the_outline_and_folds():
    assert [(each.kind, each.name) for each in symbols(SOURCE)] == [("extern", "se"), ("net", "A")]
    assert [(each.span.line, SOURCE.position(each.span.end)[0]) for each in folds(SOURCE)] == [(2, 5), (6, 9)]


def test_one_of_another_file_is_known_here_too(tmp_path):
    (tmp_path / "own.arch").write_text(TEXT)
    text = 'import "own.arch": se\nimport "own.arch" as own\ninput 32x8x8\nse; own.se\n'
    source = Source("b.arch", text, tmp_path / "b.arch")
    for place in (text.index(": se") + 2, text.index("\nse;") + 1, text.index("own.se") + 5):
        span = definition(source, place)
        assert (span.source.path.name, span.line, span.text) == ("own.arch", 2, "se")
    assert {each.label for each in completions(source, text.index(": se") + 2)} == {"se", "A"}
