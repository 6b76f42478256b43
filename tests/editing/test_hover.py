"""What is said of a place: `^` in these texts stands before it."""

from __future__ import annotations

import pytest

from archlang.editing import hover
from archlang.resources import zoo
from archlang.source import Source

TEXT = """\
conv means [conv; relu]
# Two of them.
block twice(c, k=3) { let m = 2*c
  conv-m(k=k); conv3-c }
net A(classes=10) {
  paper "arXiv:1234.5678"
  variant a
  variant b: classes=5
  input 3x32x32
  conv5-8/2 as stem
  twice(16); twice(32)
  sigmoid @b
  gap; FC-classes(bias=false)
}
"""


def said(marked):
    """What is said where `marked` has its `^`."""
    plain = marked.replace("^", "")
    assert TEXT.count(plain) >= 1
    found = hover(Source("a.arch", TEXT), TEXT.index(plain) + marked.index("^"))
    return found.text if found else None


def test_a_layer_says_its_shapes_its_counts_its_field_and_what_it_does():
    text = said("co^nv5-8/2")
    assert text.startswith("3x32x32 → 8x16x16\n\n608 parameters; 153,600 MACs; receptive field 5x5\n\n")
    assert "`conv means [conv; relu]`" in text
    assert "A 2-D convolution." in text


def test_a_layer_of_a_block_says_it_of_all_calls():
    text = said("^conv3-c }")
    assert text.startswith("32x16x16, 64x16x16 → 16x16x16, 32x16x16; placed 2 times\n\n4,624 to 18,464 parameters;")


def test_a_call_of_a_block_says_its_sums_its_parameters_and_its_comment():
    text = said("tw^ice(32)")
    assert text.startswith("16x16x16 → 32x16x16\n\n27,744 parameters;")
    assert text.endswith("`block twice(c, k=3)`\n\nTwo of them.")


def test_a_parameter_and_a_let_say_what_they_stood_for():
    assert said("-^m(k=k)") == "`let m = 2*c`\n\nhere: 32, 64"
    assert said("^c, k=3)") == "`c, a parameter`\n\nhere: 16, 32"


def test_a_label_says_its_shape():
    assert said("as s^tem") == "`conv5-8/2`\n\n8x16x16"


def test_an_option_says_what_it_is():
    assert said("(bi^as=false)") == "`bias`: whether a bias is added, `true` unless said"


def test_a_net_says_its_paper_and_its_sums():
    text = said("net ^A(")
    assert "paper: arXiv:1234.5678" in text
    assert "in variant a: " in text
    assert "depth 6" in text


def test_what_only_another_variant_has_is_told_of_that_one():
    assert said("sig^moid").startswith("32x16x16 → 32x16x16")


MANY = """\
net A {{
  variant a, b, c
  input 3x32x32
  conv5-8 {mistake}
  conv3-16; relu {named}
  gap; FC-10
}}
"""


@pytest.mark.parametrize(
    ("mistake", "named", "variants"), [("", "", 1), ("cnv", "", 1), ("cnv", "@b", 3), ("@b", "", 1)]
)
def test_variants_that_stop_at_the_same_mistake_are_not_placed_one_by_one(monkeypatch, mistake, named, variants):
    from archlang.editing import look

    placed = []
    elaborate = look.elaborate
    monkeypatch.setattr(look, "elaborate", lambda *given: placed.append(given) or elaborate(*given))
    text = MANY.format(mistake=mistake, named=named)
    assert hover(Source("a.arch", text), text.index("relu")) is not None
    assert len(placed) == variants


def test_a_net_that_stops_in_one_variant_alone_is_told_of_in_another():
    text = "net A {\n variant a, b\n input 3x8x8\n conv9-8(pad=0) bare @a\n tanh\n}"
    found = hover(Source("a.arch", text), text.index("tanh"))
    assert found is not None
    assert found.text.startswith("3x8x8 → 3x8x8")


def test_a_variant_says_what_it_sets():
    assert said("variant ^b") == "`variant b: classes=5`"


def test_where_nothing_stands_nothing_is_said():
    assert said("^# Two") is None


def test_a_text_with_mistakes_is_told_of_as_far_as_it_goes():
    text = "input 3x8x8\nconv3-16\nconv3-(\nrelu;; relu\ncnv3\n"
    assert hover(Source("a.arch", text), text.index("conv3-16")).text.startswith("3x8x8 → 16x8x8")


@pytest.mark.parametrize("path", sorted(zoo().glob("*.arch"))[::6], ids=lambda path: path.stem)
def test_every_place_of_the_zoo_can_be_asked_about(path):
    source = Source(path.name, path.read_text("utf-8"), path)
    for at in range(0, len(source.text), max(len(source.text) // 12, 1)):
        found = hover(source, at)
        assert found is None or found.span.start <= at <= found.span.end


def test_what_a_file_says_is_no_markup():
    text = "# ![x](http://a/b.png) <img src=x> [a](command:b) `in_code` 2*3*4\nblock a_b { relu }\ninput 3x8x8\na_b\n"
    said = hover(Source("a", text), text.index("a_b\n") + 1).text
    assert r"!\[x\](http://a/b.png) \<img src=x\> \[a\](command:b) `in_code` 2\*3\*4" in said
    assert "`block a_b`" in said
    for comment in ("``` ![x](y)`", "` ![x](y)", "`` `![x](y)`"):
        said = hover(Source("a", f"# {comment}\n{text[text.index('block') :]}"), len(comment) + 9).text
        assert r"!\[x\](y)" in said
