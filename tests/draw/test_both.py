"""Two networks in one picture: drawn by the same rules as one."""

import pytest
from picture_checks import problems

from archlang import read
from archlang.draw.both import both
from archlang.draw.layout import layout
from archlang.draw.scene import boxes
from archlang.passes.difference import difference


@pytest.mark.parametrize(
    ("one", "other"), [("resnet18", "resnet34"), ("vgg@A", "vgg@E"), ("googlenet", "alexnet"), ("unet", "fcn8s")]
)
def test_both_are_laid_out_without_a_fault(one, other):
    scene = both(difference(read(one).network, read(other).network))
    assert problems(layout(scene)) == []


def test_copies_that_were_added_are_folded_apart_from_those_that_were_there():
    scene = both(difference(read("resnet50").network, read("resnet101").network))
    added = [box for box in boxes(scene.body) if box.family == "added"]
    assert len(added) == 4  # one bottleneck, x17
