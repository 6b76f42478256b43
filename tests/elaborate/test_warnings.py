"""What `check` warns of in a file, `read` warns of where it concerns the network that is read."""

from __future__ import annotations

import pytest

import archlang
from archlang.model import check
from archlang.source import Source

TWO = """\
net A(z=1) { input 3x32x32; conv3-8/2 x2 }
net B(q=1) {
  block u { conv1-3 }
  input 3x32x32; conv3-8; conv3-8/2 x2
}
"""


def warned(net):
    return [(w.code, w.span.text) for w in archlang.parse(TWO, net=net).warnings]


def test_a_network_comes_with_the_warnings_of_its_own_lines_alone():
    assert warned("A") == [("unused-parameter", "z=1"), ("stride-on-copies", "2")]
    assert warned("B") == [("unused-parameter", "q=1"), ("unused-block", "u"), ("stride-on-copies", "2")]


def test_a_script_comes_with_all_of_its_warnings():
    found = archlang.parse("input 3x32x32\nblock u { conv1-3 }\nconv3-8/2 x2\n").warnings
    assert [w.code for w in found] == ["unused-block", "stride-on-copies"]


def codes(text):
    return [d.code for d in check(Source("n.arch", text)) if d.code != "default-input"]


@pytest.mark.parametrize(
    "text",
    [
        "input 3x64x64\nconv3-8/2 x3",
        "input 3x64x64\n[conv3-8; relu]/2 x3",
        "input 3x64x64\nconv3-8(stride=2) x3",
        "input 3x64x64\nblock u(w, stride=1) { conv3-w/stride }\nu(8, stride=2) x3",
        "input 3x64x64\nblock f(s=1) { conv3-8/s x2 }\nf(2)",
        "input 3x64x64\nlet n = 2\nlet s = 2\nconv3-8/s x n",
        "block u(w) { conv3-w/2 x2 }",
    ],
)
def test_a_stride_on_every_copy_is_warned_of_however_it_is_written(text):
    assert codes(text) == ["stride-on-copies"]


@pytest.mark.parametrize(
    "text",
    [
        "input 3x64x64\nconv3-8 x3 /2",
        "input 3x64x64\nconv3-8/2 x1",
        "input 3x64x64\nlet n = 1\nconv3-8/2 x n",
        "input 3x64x64\nlet s = 1\nconv3-8/s x3",
        "input 3x64x64\nblock f(s=1) { conv3-8/s x2 }\nf",
        "input 3x64x64\nmaxpool3/1(pad=1) x3",
        "input 3x64x64\nfor i in [1, 2] { conv3-8/2 }",
    ],
)
def test_a_stride_of_one_or_on_one_copy_is_no_reason_to_warn(text):
    assert codes(text) == []


def test_a_parameter_that_an_inner_block_s_own_hides_is_not_used_by_it():
    assert codes("net A(w=1) { input 3x8x8\n block f(w) { conv3-w }\n f(3) }") == ["unused-parameter"]
    assert codes("net A(w=1) { input 3x8x8\n block f(w=w) { conv3-w }\n f }") == []


@pytest.mark.parametrize(
    ("size", "layers", "warned_of"),
    [
        ("7x7", "maxpool", True),
        ("7x8", "maxpool", True),
        ("6x6", "maxpool3/2", True),
        ("10x10", "conv3-8/2(pad=0, dilation=2)", True),
        ("7x7", "add[ maxpool => 3x3 | maxpool ]", True),
        ("8x8", "maxpool", False),
        ("7x7", "maxpool(ceil=true)", False),
        ("7x7", "maxpool => 3x3", False),
        ("7x7", "[relu; maxpool] => 3x3", False),
        ("8x8", "conv1-8/2", False),
        ("9x9", "conv3-8/4", False),
        ("8x8", "maxpool3/2(pad=1)", False),
        ("HxW", "maxpool", False),
    ],
)
def test_a_window_is_warned_of_exactly_where_it_leaves_out_real_rows(size, layers, warned_of):
    assert codes(f"input 3x{size}\n{layers}") == ["partial-window"] * warned_of


def test_a_block_that_calls_itself_alone_is_called_by_nobody():
    found = archlang.parse("input 3x8x8\nblock b { conv3-4; b }\nconv3-8\n").warnings
    assert [(w.code, w.span.text) for w in found] == [("unused-block", "b")]
