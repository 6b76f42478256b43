"""Parameters set from outside a file are expressions of the language."""

from __future__ import annotations

import pytest

import archlang

NET = """\
net T(unit=basic, n=[1, 1], w=8, act="relu", free) {
  input 16x32x32
  stage layer1: unit(16) x n[0]
  conv3-w x n[1]
}
"""


def read(**values):
    return archlang.parse(NET, free=1, **values)


def codes(**values):
    with pytest.raises(archlang.ArchError) as caught:
        archlang.parse(NET, **{"free": 1, **values})
    return [d.code for d in caught.value.diagnostics]


def test_a_block_with_some_parameters_set_can_be_given():
    grouped = archlang.read("resnet", unit="bottleneck(groups=32, base=4)", n="[3, 4, 6, 3]")
    assert grouped.params == archlang.read("resnext@50-32x4d").params


def test_a_block_can_be_given_by_its_name():
    assert read(unit="bottleneck").params != read(unit="basic").params == read().params


@pytest.mark.parametrize("n", ["[2, 3]", [2, 3], "[1 + 1, 9 // 3]"])
def test_a_list_can_be_typed_or_passed(n):
    assert len(read(n=n).layers) > len(read().layers)


def test_a_number_can_be_worked_out():
    assert read(w="2 * 8").layers[-1].output == (16, 32, 32)


@pytest.mark.parametrize(("act", "worth"), [("prelu", "prelu"), ('"prelu"', "prelu"), ("1 + 1", "1 + 1")])
def test_a_parameter_whose_default_is_a_string_takes_the_text_itself(act, worth):
    assert read(act=act).network.parameters["act"] == worth


def test_a_bare_word_stands_for_itself_where_there_is_no_default():
    assert archlang.parse(NET, free="word").network.parameters["free"] == "word"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"unit": "basik"}, "unknown-name"),
        ({"unit": "bottleneck(grups=2)"}, "unknown-parameter"),
        ({"w": "8; conv3-8"}, "argument"),
        ({"w": "8\nconv3-8"}, "argument"),
        ({"w": ""}, "incomplete"),
        ({"w": "9**9**9**9"}, "integer-size"),
        ({"n": "[1, 2"}, "unclosed-bracket"),
        ({"w": "1/0"}, "division-by-zero"),
    ],
)
def test_what_is_no_value_is_told_once_and_where(values, code):
    assert codes(**values) == [code]


def test_every_value_that_is_none_is_told_of_in_one_run():
    assert codes(unit="basik", w="1/0") == ["unknown-name", "division-by-zero"]


@pytest.mark.parametrize("value", [None, {}, [None], object])
def test_what_the_language_has_no_value_for_is_refused(value):
    assert codes(w=value) == ["argument"]


def test_a_whole_number_of_another_library_is_one():
    class Eight:
        def __index__(self):
            return 8

    assert read(w=Eight()).params == read(w=8).params


def test_a_variant_and_an_input_may_be_passed_as_numbers():
    model = archlang.read("resnet", variant=18, input=(3, 64, "W"))
    assert (model.variant, str(model.layers[0].output[2])) == ("18", "ceil(W/2)")
