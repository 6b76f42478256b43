"""The outline, and shapes at the ends of lines."""

from __future__ import annotations

from archlang.editing import inlay, symbols
from archlang.source import Source

TEXT = """\
block unit(w) {
  conv3-w
}
net A {
  input 3x32x32
  stage one {
    conv3-8 as c
    maxpool => 8x16x16
  }
  aux head { gap; FC-10 }
  unit(16)  # wide
  unit(32) x2; relu
}
"""


def outline(found):
    return [(each.kind, each.name, outline(each.inside)) for each in found]


def test_every_part_with_a_name_stands_in_the_one_that_holds_it():
    assert outline(symbols(Source("a", TEXT))) == [
        ("block", "unit", []),
        ("net", "A", [("stage", "one", [("label", "c", [])]), ("head", "head", [])]),
    ]


def test_a_part_spans_all_of_it_and_its_name():
    block, net = symbols(Source("a", TEXT))
    assert block.span.text == "block unit(w) {\n  conv3-w\n}"
    assert (net.name_span.text, net.span.line) == ("A", 4)
    assert net.inside[0].span.text.startswith("stage one {\n    conv3-8")


def test_what_leaves_a_line_is_shown_at_its_end_where_no_claim_says_it():
    source = Source("a", TEXT)
    assert [(source.position(each.offset)[0], each.text) for each in inlay(source)] == [
        (2, "16x16x16, 32x16x16"),
        (7, "8x32x32"),
        (10, "10"),
        (11, "16x16x16"),
        (12, "32x16x16"),
    ]


def test_a_text_that_does_not_parse_has_the_outline_and_the_shapes_of_what_does():
    source = Source("a", "net A {\n  input 3x8x8\n  conv3-4 as c\n  conv3-(\n  relu\n}\n")
    assert outline(symbols(source)) == [("net", "A", [("label", "c", [])])]
    assert [each.text for each in inlay(source)] == ["4x8x8"]
