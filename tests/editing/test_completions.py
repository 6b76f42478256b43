"""What could be typed at a place: `^` in these texts is the cursor."""

from __future__ import annotations

import pytest
from sampled import every

from archlang.editing import completions
from archlang.resources import zoo
from archlang.source import Source

NET = """\
net A(w=16, classes=10) {{
  variant A, B
  variant C-1: w=3
  conv means [conv; bn; relu]
  block unit(c, stride=1) {{ conv3-c }}
  input 3x32x32
  conv3-w as stem; maxpool
  {}
  gap; FC-classes
}}
"""


def offered(text, path=None):
    at = text.index("^")
    return completions(Source("a.arch", text.replace("^", "", 1), path), at)


def labels(line, *kinds):
    return [each.label for each in offered(NET.format(line)) if not kinds or each.kind in kinds]


@pytest.mark.parametrize(
    ("line", "all_"),
    [
        ("avgp^", ["avgpool", "avgpool3/2"]),
        ("conv^", ["conv3-64", "conv1-64", "convbnrelu"]),
        ("res[ conv3-64; rel^", ["relu", "relu6"]),
        ("concat[ relu | un^", ["unit"]),
        ("conv3-64(pad=1, b^", ["bias"]),
        ("conv3-64 no ^", ["bn", "relu"]),
        ("conv3-^", ["w", "classes"]),
        ("maxpool @^", ["A", "B", "C-1"]),
        ("maxpool @A..^", ["A", "B", "C-1"]),
        ("maxpool @A, C^", ["C-1"]),
        ("@B^", ["B"]),
        ("from s^: relu", ["stem"]),
        ("expect stem.p^", ["stem.params", "stem.params_train", "stem.params_trainable"]),
        ("init conv = kai^", ["kaiming", "kaiming_out"]),
        ("relu when cl^", ["classes"]),
        ("conv3-64(bias=t^", ["true"]),
        ("upsample(2, mode=n^", ["nearest"]),
        ("# conv^", []),
        ("conv3-64 as ^", []),
        ("let ^", []),
        ('paper "conv^', []),
    ],
)
def test_what_fits_is_offered_and_nothing_else(line, all_):
    assert labels(line) == all_


def test_options_that_are_given_are_not_offered_again():
    assert labels("conv3-64(pad=1, ^", "option") == ["out", "k", "stride", "groups", "dilation", "bias"]
    assert labels("unit(^", "option") == ["c", "stride"]
    assert labels("unit(64, ^", "option") == ["stride"]


def test_an_option_says_its_kind_its_default_and_what_it_is():
    (option,) = [each for each in offered(NET.format("conv3-64(gr^")) if each.kind == "option"]
    assert (option.insert, option.detail) == ("groups=", "int = 1")
    assert option.documentation == "groups of channels that do not see each other"


def test_labels_and_the_names_that_layers_have_of_themselves_are_offered_after_from():
    assert labels("from ^", "label") == ["stem", "pool1"]  # those above


def test_a_statement_may_begin_with_a_layer_a_block_or_a_word_of_the_language():
    found = labels("^")
    assert {"conv3-64", "unit", "inception", "stage", "res[ ]", "relu"} <= set(found)
    assert "A" not in found  # the net itself
    assert "stage" not in labels("concat[ ^")


def test_a_layer_comes_with_what_it_does():
    found = next(each for each in offered(NET.format("maxp^")) if each.label == "maxpool")
    assert found.detail.startswith("The largest value")
    assert "`ceil=false`" in found.documentation


def test_the_part_typed_already_is_replaced():
    text = NET.format("relu; max^")
    (first, *_) = offered(text)
    assert text.replace("^", "")[first.start :].startswith("max")
    assert (first.insert, first.kind) == ("maxpool", "layer")


def test_files_and_what_they_offer_are_imported_by_name(tmp_path):
    (tmp_path / "mine.arch").write_text("block one { relu }\nnet Two { input 3x8x8\nrelu }\n")
    here = tmp_path / "a.arch"
    assert "vgg.arch" in [each.label for each in offered('import "^')]
    assert offered('import "mi^', here)[0].insert == "mine.arch"
    assert [each.label for each in offered('import "mine.arch": ^', here)] == ["Two", "one"]
    assert [each.label for each in offered('import "mine.arch" as m\nm.^', here)] == ["m.Two", "m.one"]


def test_an_imported_net_offers_its_variants_parameters_and_layers():
    head = 'import "vgg.arch": VGG\nnet X {\n  '
    assert [each.label for each in offered(head + "VGG-^\n}")] == ["A", "A-LRN", "B", "C", "D", "E"]
    assert [each.label for each in offered(head + "VGG(^\n}")][:2] == ["classes", "pad1"]
    assert [each.label for each in offered(head + "VGG-D to po^\n}")] == ["pool5", "pool1", "pool2", "pool3", "pool4"]


@pytest.mark.parametrize("path", every(4, sorted(zoo().glob("*.arch"))), ids=lambda path: path.stem)
def test_every_place_of_the_zoo_can_be_asked_about(path):
    text = path.read_text("utf-8")
    for at in range(0, len(text), max(len(text) // 25, 1)):
        for each in completions(Source(path.name, text[:at], path), at):
            assert text[each.start : at].lower() in (each.insert.lower() + "\n" + each.label.lower())


def test_a_long_line_of_anything_is_answered_in_time_that_grows_with_it():
    for piece in ("(", "a", "a ", "to ", "no a,", "@A..", "from ", "a-", "[", '"', "let a ="):
        text = piece * 5000
        completions(Source("a.arch", text), len(text))


def test_no_two_offers_look_alike():
    found = labels("^")
    assert len(found) == len(set(found))
