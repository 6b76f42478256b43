"""Networks as public code builds them, layer by layer, in every setting that the facts have."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from rows import Row, disagreements, our_rows, torch_rows

import archlang

HERE = Path(__file__).parent

POLICIES = {
    "policy_k192_paper_one_bias_per_position": ("k192", 0),
    "policy_k192_RocAlphaGo_conv_bias_plus_position_bias": ("k192", 1),
    "policy_k128_RocAlphaGo_defaults_48_planes": ("k128", 1),
}
"""Variants, and by how many parameters the public code has more: a bias of the last convolution beside each point's."""

VALUES = {
    "value_k192_paper_12_convs": "k192",
    "value_k192_RocAlphaGo_layers13": "layers13",
    "value_k128_RocAlphaGo_defaults": "k128",
}

# Where the public code calls a function in place of a layer, the facts have no row for it.
CALLED = {"flatten", "softmax", "tanh", "relu"}


@pytest.mark.parametrize("published", POLICIES)
def test_every_layer_of_a_policy_network_agrees(published, facts, measured, network, published_tensors):
    variant, more = POLICIES[published]
    net = facts("other_nets")[published]
    model = network("alphago", variant)
    # There the map is flattened before the biases are added, here after: 361 points either way.
    theirs = [
        Row(row.kind, (1, 19, 19), 361, 0) if row.kind == "posbias" else row
        for row in torch_rows(net, published_tensors(net["tensors"]))
    ]
    last = max(i for i, row in enumerate(theirs) if row.kind == "conv")
    theirs[last] = Row("conv", theirs[last].shape, theirs[last].params - more, theirs[last].macs)
    assert disagreements(our_rows(model, measured), theirs, {"flatten"}) == []
    assert (model.params, model.macs) == (net["params"] - more, net["macs"])


@pytest.mark.parametrize("published", VALUES)
def test_every_layer_of_a_value_network_agrees(published, facts, measured, network, published_tensors):
    net = facts("other_nets")[published]
    model = network("alphago_value", VALUES[published])
    theirs = torch_rows(net, published_tensors(net["tensors"]))
    assert disagreements(our_rows(model, measured), theirs, CALLED) == []
    assert (model.params, model.macs) == (net["params"], net["macs"])


@pytest.mark.parametrize("pool", ["mp2", "mp3"])
@pytest.mark.parametrize("variant", ["5-32", "5-32-100", "5-100", "6-100"])
def test_every_layer_of_a_deepcnet_agrees(variant, pool, facts, measured, published_tensors):
    levels, maps, *classes = variant.split("-")
    net = facts("other_nets")[f"deepcnet_{levels}_{maps}_in3_c{(*classes, '10')[0]}_{pool}"]
    model = archlang.read("deepcnet", variant=variant, input=net["input"])
    theirs = torch_rows(net, published_tensors(net["tensors"]))
    assert disagreements(our_rows(model, measured), theirs, {"flatten", "softmax"}) == []
    assert (model.params, model.macs) == (net["params"], net["macs"])


@pytest.mark.parametrize("size", ["40_1", "40_2", "40_4", "40_8", "28_10", "28_12", "22_8", "22_10", "16_8", "16_10"])
def test_a_wide_resnet_for_a_hundred_classes_has_the_published_codes_counts(size, facts):
    net = facts("other_nets")[f"wrn_{size}_c100"]
    model = archlang.read("wrn", variant=size.replace("_", "-"), classes=100)
    assert (model.params, model.macs) == (net["params"], net["macs"])


@pytest.mark.parametrize(
    ("depth", "params"), [(20, 272_474), (32, 466_906), (44, 661_338), (56, 855_770), (110, 1_730_714)]
)
def test_a_cifar_resnet_with_projections_has_the_published_codes_parameters(depth, params, network):
    assert network("cifar_resnet", f"{depth}-B").params == params


TORCHVISION = [
    ("alexnet", "one-tower", "alexnet", None),
    ("vgg_torchvision", "11-bn", "vgg11_bn", None),
    ("vgg_torchvision", "13-bn", "vgg13_bn", None),
    ("vgg_torchvision", "16-bn", "vgg16_bn", None),
    ("vgg_torchvision", "19-bn", "vgg19_bn", None),
    ("squeezenet", "1.0", "squeezenet1_0", None),
    ("squeezenet", "1.1", "squeezenet1_1", None),
    ("googlenet_torchvision", None, "googlenet", "googlenet_no_heads"),
    ("inceptionv3", None, "inception_v3", "inception_v3_no_heads"),
    ("deeplabv3", "fcn50", "fcn_resnet50_head", "fcn_resnet50"),
]
"""Networks with their heads, and what the facts call them without, where they have any."""


@pytest.mark.parametrize(("name", "variant", "whole", "bare"), TORCHVISION)
def test_the_zoos_network_has_torchvisions_tensors_and_counts(
    name, variant, whole, bare, facts, tensors, published_tensors
):
    known, without = facts("torchvision")[whole], facts("torchvision")[bare or whole]
    model = archlang.read(name, variant=variant, input=known["input"])
    assert dict(tensors(model)) == dict(published_tensors(known["tensors"]))
    assert model.params_train == known["params"]
    assert (model.params, model.macs) == (without["params"], without["macs"])


@pytest.mark.parametrize("name", ["caffe_nets", "caffe_classics", "caffe_dense", "torchvision"])
def test_no_published_network_is_without_a_test(name, facts):
    tests = "\n".join(path.read_text("utf-8") for path in HERE.glob("test_*.py"))
    assert [net for net in facts(name) if not re.search(rf'"{re.escape(net)}"', tests)] == []


def test_no_network_stands_in_two_files_of_facts():
    files = sorted((HERE.parent / "facts").glob("*.json"))
    names = [net for path in files for net in json.loads(path.read_text("utf-8"))]
    assert len(names) == len(set(names))
