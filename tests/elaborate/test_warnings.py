"""What `check` warns of in a file, `read` warns of where it concerns the network that is read."""

from __future__ import annotations

import archlang

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
