"""Sizes with symbols behave as the numbers they stand for."""

import operator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archlang.ops.compare import may_equal, surely_less
from archlang.ops.dim import Dim, ceil_div, substitute, symbol
from archlang.ops.op import ShapeError

H, W = symbol("H"), symbol("W")

STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from([operator.add, operator.sub, operator.mul]), st.integers(-9, 9)),
        st.tuples(st.just(operator.floordiv), st.integers(1, 7)),
        st.tuples(st.just(operator.mod), st.integers(2, 7)),
        st.tuples(st.just(operator.add), st.sampled_from([H, W, H * W])),
    ),
    max_size=6,
)


def run(steps, start, bind):
    for step, other in steps:
        start = step(start, bind(other))
    return start


@settings(max_examples=300, deadline=None)
@given(STEPS, st.integers(1, 500), st.integers(1, 500))
def test_computing_with_symbols_and_then_binding_is_computing_with_numbers(steps, h, w):
    values = {"H": h, "W": w}
    symbolic = run(steps, H, lambda size: size)
    assert substitute(symbolic, values) == run(steps, h, lambda size: substitute(size, values))


@settings(max_examples=200, deadline=None)
@given(STEPS, STEPS, st.integers(1, 60), st.integers(1, 60))
def test_what_is_sure_holds_for_every_number(first, second, h, w):
    values = {"H": h, "W": w}
    a, b = run(first, H, lambda size: size), run(second, H, lambda size: size)
    left, right = substitute(a, values), substitute(b, values)
    if surely_less(a, b):
        assert left < right
    if a == b:
        assert left == right


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 12), st.integers(1, 12), st.integers(-20, 20), st.integers(-20, 20))
def test_two_floors_fold_into_one(c, s, b, e):
    assert ((H + b) // c + e) // s == (H + b + c * e) // (c * s)


PRINTED = [
    (H, "H"),
    (2 * H, "2*H"),
    (H * W, "H*W"),
    (ceil_div(H, 16), "ceil(H/16)"),
    (ceil_div(ceil_div(ceil_div(H, 2), 2), 4), "ceil(H/16)"),
    ((H + 3) // 2, "floor((H + 3)/2)"),
    (H // 2, "floor(H/2)"),
    (2 * (H // 2), "2*floor(H/2)"),
    (3 - H, "3 - H"),
    (H * W * 64, "64*H*W"),
    (ceil_div(W, 2) * H, "H*ceil(W/2)"),
    ((H - 1) // 2 + 1, "ceil(H/2)"),
    (-(-H // 16), "ceil(H/16)"),
    (-H, "-H"),
]


@pytest.mark.parametrize(("size", "text"), PRINTED)
def test_sizes_are_printed_short(size, text):
    assert str(size) == text


def test_what_is_constant_is_a_number_again():
    for size, number in [
        (H - H, 0),
        (H + 3 - H, 3),
        (H * 0, 0),
        ((4 * H + 6) // 4 - H, 1),
        (H // H, 1),
        (3 * H // H, 3),
    ]:
        assert size == number
        assert isinstance(size, int)
    assert isinstance(H + 1, Dim)
    assert (2 * H) % 2 == 0


def test_sizes_that_may_agree_are_told_from_those_that_cannot():
    assert may_equal(H, 2 * (H // 2))
    assert may_equal(H, W)
    assert may_equal(H - H // 2, ceil_div(H, 2))
    assert may_equal(H, H)
    assert not may_equal(H, ceil_div(H, 2))
    assert not may_equal(H, H + 1)
    assert not may_equal(H // 2, (H + 5) // 2)
    assert not may_equal(4, 5)


def test_what_depends_on_the_symbol_is_not_sure():
    assert not surely_less(H, 3)
    assert not surely_less(W, H)
    assert surely_less(0, H)
    assert surely_less(H // 2, H + 1)
    assert surely_less(H, H + 1)


def test_a_size_cannot_grow_without_end():
    steps = [(operator.mul, H + W + 1), (operator.add, W), (operator.floordiv, 3)] * 12
    with pytest.raises(ShapeError, match="symbolic size") as caught:
        run(steps, H + W + 1, lambda size: size)
    assert caught.value.code == "limit"


def test_dividing_by_a_symbol_says_how_to_go_on():
    with pytest.raises(ShapeError) as caught:
        (H + 1) // W
    assert "--input" in caught.value.help


def test_binding_some_symbols_leaves_the_others():
    assert str((H * W // 2).substitute({"H": 4})) == "2*W"


def _halved(size, times):
    for _ in range(times):
        size = ceil_div(size * W, 2)
    return size


def test_floors_of_products_inside_one_another_take_time_that_grows_with_their_number():
    size = _halved(H, 20)
    assert len(str(size)) < 1000
    with pytest.raises(ShapeError, match="grows past"):
        _halved(size, 20)
