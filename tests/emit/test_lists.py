"""Classes for blocks that go through a list, and for sequences that are called once in each of their forms."""

import re

from emitted_networks import code

import archlang

LISTS = "tests/emit/programs/lists.arch"
ONCE_EACH = "tests/emit/programs/once_each.arch"


def class_of(text, name):
    """The text of one class."""
    start = text.index(f"class {name}(")
    end = text.find("\nclass ", start)
    return " ".join(text[start : end if end > 0 else None].split())


def test_a_block_is_one_class_however_long_the_list_that_a_call_gives_it():
    text = code(LISTS)
    names = re.findall(r"class (\w+)", text)
    assert [name for name in names if name[-1].isdigit()] == []
    assert names.count("Tower") == 1
    assert "self.tower3 = Tower(32, [24, 24, 32, 48])" in text


def test_a_list_has_the_files_name_and_each_copy_its_item():
    tower = class_of(code(LISTS), "Tower")
    assert "def __init__(self, in_channels: int, ws: list[int]) -> None:" in tower
    assert "widths = [in_channels, *ws]" in tower
    assert 'self.add_module( f"conv{i}", nn.Conv2d(widths[i - 1], ws[i - 1], 3, padding=1) )' in tower
    assert 'self.add_module(f"conv{self.n + 1}", nn.Conv2d(widths[-1], 32, 1))' in tower
    assert tower.count("nn.Conv2d(") == 2


def test_powers_are_said_as_powers_and_need_no_list():
    text = code(LISTS)
    assert "def __init__(self, in_channels: int, n: int, w: int) -> None:" in class_of(text, "Powers")
    assert "w * 2 ** (i - 1)" in class_of(text, "Powers")
    assert "widths = [in_channels, *[w * 2**i for i in range(n)]]" in class_of(text, "Copies")
    assert "Powers(8, 3, 8)" in text


def test_parts_and_multiples_of_a_lists_items_need_no_other_list():
    text = code(LISTS)
    assert "nn.Conv2d(widths[i], 2 * ws[i], 3, padding=1)" in class_of(text, "Twice")
    assert "nn.Conv2d(8, 8, ks[i - 1], padding=ks[i - 1] // 2)" in class_of(text, "Kernels")
    assert "stride=ss[i - 1]" in class_of(text, "Strides")


def test_lists_of_one_length_are_gone_through_in_a_loop_too():
    alike = class_of(code(LISTS), "Alike")
    assert alike.count("nn.Conv2d(") == 1
    assert "for i in range(1, 4):" in alike


def test_an_even_step_that_is_chance_is_no_argument_beside_the_list():
    assert "def __init__(self, in_channels: int, ws: list[int]) -> None:" in class_of(code(LISTS), "Indexed")


def test_a_sequence_goes_through_its_list_in_a_comprehension():
    body = class_of(code(LISTS), "Body")
    assert "*[ layer for i in range(len(ws)) for layer in ( nn.Conv2d(widths[i], ws[i], 3, padding=1)," in body


def test_a_list_that_is_empty_in_some_call_is_not_asked_for_its_first_item():
    both = class_of(code(LISTS), "Both")
    assert "us[0]" not in both
    assert "self.both1 = Both(4, [12], [])" in code(LISTS)


def test_a_power_in_a_line_that_is_broken_stands_as_ruff_has_it():
    assert 'f"conv{2 * i + 2}", nn.Conv2d(k * 2**i, k * 2**i, 3, padding=1)' in class_of(code(LISTS), "Doubles")


def test_an_argument_of_the_name_that_a_list_would_take_keeps_it():
    assert "widths2 = [in_channels, *widths]" in class_of(code(LISTS), "I")


def test_widths_that_no_name_of_the_file_says_are_a_list_that_callers_give():
    text = archlang.parse(
        "block rounded(n) { for i in range(0, n) { conv1-(round8(7 * (i + 1))) } }\n"
        "net N { input 3x8x8; rounded(2); rounded(3); rounded(5); gap; FC-2 }"
    ).code()
    assert len(re.findall(r"class Rounded", text)) == 1
    assert "def __init__(self, in_channels: int, n: int, widths: list[int]) -> None:" in text
    assert "self.rounded3 = Rounded(24, 5, [8, 16, 24, 32, 32])" in text


def test_a_sequence_called_once_with_each_of_several_activations_is_one_class():
    text = code(ONCE_EACH)
    assert "def __init__(self, in_channels: int, w: int, activation: type[nn.Module]) -> None:" in text
    assert "self.unit3 = Unit(16, 24, nn.SiLU)" in text
    assert "nn.SiLU() if swish else nn.ReLU(inplace=True)" in class_of(text, "Two")
    assert "self.given2 = Given(8, 16, G)" in text


def test_a_sequence_called_once_with_a_layer_and_once_without_is_one_class():
    assert "*([nn.BatchNorm2d(w)] if b else [])" in class_of(code(ONCE_EACH), "Norm")


def test_sequences_of_one_block_that_have_little_in_common_are_written_where_they_stand():
    text = code(ONCE_EACH)
    assert "class Apart" not in text
    assert text.count("self.apart1 = nn.Sequential(") == 1
