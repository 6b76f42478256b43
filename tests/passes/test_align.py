"""Two networks matched: nothing is lost, nothing is told twice, and the sums are the totals'."""

import pytest

from archlang import parse, read
from archlang.passes.align import align, nodes_of, partners
from archlang.passes.cost import total
from archlang.passes.difference import Change, difference

PAIRS = [
    ("resnet18", "resnet34"),
    ("resnet50", "resnet101"),
    ("resnet101", "resnet18"),
    ("vgg@A", "vgg@E"),
    ("vgg@C", "vgg@B"),
    ("alexnet", "vgg@D"),
    ("unet", "fcn8s"),
    ("resnet50", "senet"),
    ("squeezenet@1.0", "squeezenet@1.1"),
    ("googlenet", "inceptionv3"),
    ("densenet@121", "densenet@169"),
]


def compared(one, other):
    return difference(read(one).network, read(other).network)


def told(text, other):
    found = difference(parse(text).network, parse(other).network)
    before = {found.left.graph[id_].path: change for id_, change in found.before.items() if change is not Change.SAME}
    after = {found.right.graph[id_].path: change for id_, change in found.after.items() if change is not Change.SAME}
    return before, after


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_every_layer_of_both_is_told_once(one, other):
    left, right = read(one).network, read(other).network
    pairs = list(partners(align(left, right)))
    assert sorted(a.id for a, _ in pairs if a is not None) == [node.id for node in left.graph]
    assert sorted(b.id for _, b in pairs if b is not None) == [node.id for node in right.graph]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_what_the_layers_cost_more_is_what_the_totals_differ_by(one, other):
    found = compared(one, other)
    more = total(found.cost(a, b) for a, b in partners(found.match))
    left, right = read(one), read(other)
    assert more.params == right.params - left.params
    assert more.macs == right.macs - left.macs


@pytest.mark.parametrize("name", ["resnet50", "googlenet", "unet", "densenet@121", "vgg@C", "inceptionv3", "fcn_nyud"])
def test_a_network_does_not_differ_from_itself(name):
    found = compared(name, name)
    assert found.equal
    assert all(a.path == b.path for a, b in partners(found.match))


def test_the_longer_resnet_has_seventeen_whole_blocks_more():
    found = compared("resnet50", "resnet101")
    stage = next(m for m in found.match.inner if getattr(m.right, "scope", None) and m.right.scope.label == "layer3")
    added = [match.right for match in stage.inner if match.left is None]
    assert [piece.scope.title for piece in added] == ["bottleneck"] * 17
    assert {len(list(nodes_of(piece))) for piece in added} == {10}
    assert set(found.before.values()) == {Change.SAME}


def test_a_layer_put_between_is_added_and_its_neighbours_stay():
    before, after = told("input 3x8x8\nconv3-4\ngap\nFC-2", "input 3x8x8\nconv3-4\nrelu\ngap\nFC-2")
    assert (before, after) == ({}, {"relu1": Change.ADDED})


def test_a_wider_layer_is_changed_and_the_one_behind_it_resized():
    before, after = told("input 3x8x8\nconv3-4\nconv1-2 bare", "input 3x8x8\nconv3-8\nconv1-2 bare")
    assert before == after == {"conv1": Change.CHANGED, "conv2": Change.RESIZED}


def test_a_layer_that_reads_another_is_rewired():
    text = "input 3x8x8\nconv3-4 bare as a\nconv3-4 bare as b\nconv3-4 bare as c\nadd(c, {})"
    before, after = told(text.format("a"), text.format("b"))
    assert Change.REWIRED in before.values()
    assert before == after
    assert len(before) == 1


def test_a_flat_network_matches_one_in_stages():
    flat = "input 3x8x8\nconv3-4\nmaxpool\nconv3-8\nmaxpool"
    staged = "input 3x8x8\nstage a: conv3-4; maxpool\nstage b: conv3-8; maxpool"
    found = difference(parse(flat).network, parse(staged).network)
    assert found.equal


def test_layers_of_a_stage_are_matched_with_the_same_layers_outside_any():
    found = difference(read("googlenet").network, read("googlenet_torchvision").network)
    path = {node.path: node.id for node in found.left.graph}
    assert found.before[path["conv2.2"]] is Change.CHANGED
