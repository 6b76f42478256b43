"""The end of a block and the 1x1 that the next begins with, where one forward runs both."""

from __future__ import annotations

import pytest
from kernel_runs import forward, same

import archlang

PART = "conv1-8(bias=false); bn; relu; conv3-8(bias=false); bn; relu; conv1-32(bias=false); bn"
FLAT = f"input 3x8x8\nconv3-32; relu\nres[ {PART} ]; relu\nres[ {PART} ]; relu\ngap; FC-4"


def test_two_blocks_in_one_forward_meet_in_one_call():
    assert forward(FLAT).splitlines()[1:5] == [
        "out, x = K.conv1x1_skip(x, self.conv2, self.bn1, relu=True)",
        "out = self.conv3(out)",
        "relu4, out = K.conv1x1_pair(out, self.conv4, self.bn3, x, self.conv5, self.bn4, before=self.bn2)",
        "out = self.conv6(out)",
    ]


def test_two_blocks_of_a_class_meet_in_each_of_its_calls():
    block = f"block b() {{ res[ {PART} ]; relu; res[ {PART} ]; relu }}"
    text = f"{block}\nnet A {{ input 3x8x8\n conv3-32; relu; b x 3; gap }}"
    assert "K.conv1x1_pair(" in forward(text, "B")
    same(archlang.parse(text))


@pytest.mark.parametrize("tail", ["", "; bn"])
def test_without_batch_norms_there_is_none_in_the_call(tail):
    part = f"conv1-8{tail}; relu; conv3-8; relu; conv1-32{tail}"
    text = FLAT.replace(PART, part)
    assert ("None" in forward(text)) is (not tail)
    assert "K.conv1x1_pair(" in forward(text)
    same(archlang.parse(text))


def test_it_computes_what_the_modules_do():
    same(archlang.parse(FLAT))


@pytest.mark.parametrize(
    "text",
    [
        FLAT.replace("relu\nres", "relu6\nres"),  # another activation between them
        FLAT.replace("relu\nres[ conv1-8(bias=false); bn; relu;", "relu\nres[ conv1-8(bias=false); bn; relu6;"),
        FLAT.replace("relu\nres[ conv1-8", "relu\nres[ conv3-8"),  # the next begins with a 3x3
        FLAT.replace("-32", "-520"),  # more channels between them than a kernel pays for
        FLAT.replace("-8(", "-264("),  # more channels than stay on chip
    ],
)
def test_what_the_kernel_is_not_for_is_called_one_by_one(text):
    assert "K.conv1x1_pair(" not in forward(text)


def test_blocks_of_two_modules_stay_their_own():
    text = f"block b() {{ res[ {PART} ]; relu }}\nnet A {{ input 3x8x8\n conv3-32; relu; b x 3; gap }}"
    assert "K.conv1x1_pair(" not in archlang.parse(text).code(kernels=True)
