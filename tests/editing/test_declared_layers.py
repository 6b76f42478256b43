"""Layers of one's own, in an editor: offered, explained, found and called otherwise as blocks are."""

from __future__ import annotations

import pytest

from archlang.editing import applied, completions, definition, folds, hover, references, rename, symbols
from archlang.source import Source

TEXT = """\
# A gate for each channel.
extern gate(r=16, soft=false) = "mypkg.layers:Gate"(in.c, in.c // r, soft) {
  shape  = in
  params = 2*in.c*(in.c // r)
}
extern warp(out, offset, k=3) = "mypkg.layers:Warp" {
  inputs = [in, offset]
  shape = [out, offset.h, offset.w]
}
gate means [gate; relu]

net A {
  input 3x32x32
  conv3-8; gate(r=2)
  conv1-2 as moved
  warp3-8(moved); warp5-16(offset=moved)
}
"""


def at(text, mark="|"):
    offset = text.index(mark)
    return Source("a.arch", text.replace(mark, "", 1)), offset


def offered(text):
    return {each.label: each for each in completions(*at(text))}


def test_declared_layers_are_offered_with_their_declaration():
    found = offered(TEXT.replace("conv3-8; gate", "conv3-8; |gate"))
    assert found["warp"].kind == "extern"
    assert found["warp"].detail == 'extern warp(out, offset, k=3) = "mypkg.layers:Warp"'
    assert found["gate"].documentation == "A gate for each channel."


def test_their_parameters_are_offered_where_they_are_called():
    assert {"r", "soft"} <= set(offered(TEXT.replace("gate(r=2)", "gate(|)")))
    assert "r" not in offered(TEXT.replace("gate(r=2)", "gate(r=2, |)"))
    assert {"out", "offset", "k", "moved"} <= set(offered(TEXT.replace("warp3-8(moved)", "warp3-8(|)")))
    found = completions(*at(TEXT.replace("gate(r=2)", "gate(r|")))
    assert [(each.label, each.detail) for each in found if each.kind == "option"] == [("r", "= 16")]


def test_what_a_declaration_may_say_is_offered_in_it():
    found = offered(TEXT.replace("  shape  = in\n", "  |\n"))
    assert {"shape", "params", "macs", "kernel"} <= set(found)
    assert "conv3-64" not in found
    assert {"shape", "depth"} <= set(offered(TEXT.replace("  shape  = in\n", "  shape = in; |\n")))
    values = offered(TEXT.replace("2*in.c*(in.c // r)", "2*|"))
    assert {"r", "in.c"} <= set(values)
    assert "shape" not in values
    assert "extern" in offered("|")
    assert list(offered("ext|")) == ["extern"]


def test_hovering_tells_what_is_declared_and_what_it_costs():
    said = hover(*at(TEXT.replace("warp3-8", "war|p3-8"))).text
    assert 'extern warp(out, offset, k=3) = "mypkg.layers:Warp"' in said
    assert "? parameters; ? MACs" in said
    assert "72 parameters" not in said
    said = hover(*at(TEXT.replace("gate(r=2)", "ga|te(r=2)"))).text
    assert "64 parameters" in said
    assert "8x32x32 → 8x32x32" in said
    assert "A gate for each channel." in hover(*at(TEXT.replace("extern gate", "extern ga|te"))).text


def places(spans):
    return sorted(span.start for span in spans)


def test_definition_and_references_lead_between_declaration_and_calls():
    source, offset = at(TEXT.replace("warp3-8", "w|arp3-8"))
    declared = TEXT.index("warp(out")
    assert definition(source, offset).start == declared
    found = places(references(source, offset))
    assert found == sorted([declared, TEXT.index("warp3-8"), TEXT.index("warp5-16")])
    source, offset = at(TEXT.replace("warp5-16(offset", "warp5-16(off|set"))
    assert definition(source, offset).start == TEXT.index("offset, k")


@pytest.mark.parametrize(
    ("old", "marked", "new", "gone", "come"),
    [
        ("warp3-8", "w|arp3-8", "bend", "warp", ["extern bend(", "bend3-8(moved)", "bend5-16("]),
        ("2*in.c*(in.c // r)", "2*in.c*(in.c // |r)", "by", " r)", ["gate(by=16", "in.c // by, soft", "gate(by=2)"]),
        (
            "[in, offset]",
            "[in, of|fset]",
            "where",
            "offset",
            ["(out, where, k=3)", "[in, where]", "where.h, where.w", "where=moved"],
        ),
    ],
)
def test_renaming_reaches_the_declaration_its_rules_and_its_calls(old, marked, new, gone, come):
    source, offset = at(TEXT.replace(old, marked))
    text = source.text
    for edit in sorted(rename(source, offset, new), key=lambda each: -each.span.start):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert gone not in text
    assert all(part in text for part in come)


def test_the_outline_has_them():
    found = {each.name: each for each in symbols(Source("a.arch", TEXT))}
    assert found["warp"].kind == "extern"
    assert found["warp"].span.text.endswith("}")
    assert TEXT[found["gate"].name_span.start : found["gate"].name_span.end] == "gate"


def test_a_declaration_folds():
    source = Source("a.arch", TEXT)
    found = [(each.span.line, source.position(each.span.end)[0]) for each in folds(source)]
    assert {(2, 5), (6, 9)} <= set(found)


def test_one_of_another_file_is_known_here_too(tmp_path):
    (tmp_path / "own.arch").write_text(TEXT)
    text = 'import "own.arch": warp\nimport "own.arch" as own\ninput 32x8x8\nwarp3-8(a); own.warp3-8(a)\n'
    source = Source("b.arch", text, tmp_path / "b.arch")
    for place in (text.index(": warp") + 2, text.index("\nwarp") + 1, text.index("own.warp") + 5):
        span = definition(source, place)
        assert (span.source.path.name, span.line, span.text) == ("own.arch", 6, "warp")
    edits = [edit for edit in rename(source, text.index("\nwarp") + 1, "bend") if edit.span.source is source]
    assert applied(text, edits).splitlines()[-1] == "bend3-8(a); own.bend3-8(a)"
    assert {each.label for each in completions(source, text.index(": warp") + 2)} == {"gate", "warp", "A"}
