"""Every layer of the zoo that stands in the facts agrees with them: kind, order, shape, parameters, MACs."""

from __future__ import annotations

import pytest
from rows import Row, caffe_rows, disagreements, our_rows, torch_rows

CAFFE = [
    ("lenet", "caffe", "lenet", ()),
    ("alexnet", "grouped", "bvlc_alexnet", ()),
    ("vgg", "D", "vgg_ilsvrc_16", ()),
    ("vgg16", None, "vgg_ilsvrc_16", ()),
    ("vgg", "E", "vgg_ilsvrc_19", ()),
    ("nin", "cifar10", "nin_cifar10", ("softmax",)),  # Caffe's files end before the softmax
    ("nin", "imagenet", "nin_imagenet", ("softmax",)),
    ("googlenet", None, "bvlc_googlenet_train_val", ("softmax",)),  # in training it is part of the loss
    ("fcn8s", None, "voc_fcn8s", ("dropout",)),  # the file for use has none
]


@pytest.mark.parametrize(("name", "variant", "published", "ignored"), CAFFE)
def test_every_layer_agrees_with_the_caffe_file(name, variant, published, ignored, network, facts, measured):
    net = facts("caffe_nets")[published]
    model = network(name, variant)
    assert disagreements(our_rows(model, measured), caffe_rows(net), {"flatten", *ignored}) == []
    assert model.params_train == net["params"]


def test_googlenet_without_its_heads_is_the_caffe_file_for_use(network):
    model = network("googlenet")
    assert (model.params, model.macs) == (6_998_552, 1_582_671_872)


@pytest.mark.parametrize(
    ("variant", "published", "bias"),
    [("50-v1", "resnet_50", 64), ("101-v1", "resnet_101", 0), ("152-v1", "resnet_152", 0)],
)
def test_every_layer_of_resnet_v1_agrees_with_the_authors_file(variant, published, bias, network, facts, measured):
    net = facts("caffe_nets")[published]
    model = network("resnet", variant)
    theirs = caffe_rows(net)
    # In the authors' 50-layer file alone the first convolution has a bias, which its batch norm takes out again.
    first = theirs[0]
    theirs[0] = Row(first.kind, first.shape, first.params - bias, first.macs)
    assert disagreements(our_rows(model, measured, shortcut="first"), theirs, {"flatten"}) == []
    assert (model.params, model.macs) == (net["params"] - bias, net["macs"])


# Where the public code calls a function in place of a layer, the facts have no row for it.
CALLED = {"flatten", "relu", "add", "pool", "softmax", "shortcut", "subsample", "padc"}


@pytest.mark.parametrize("depth", [20, 32, 44, 56, 110])
def test_every_layer_of_a_cifar_resnet_agrees(depth, network, facts, measured, published_tensors):
    net = facts("other_nets")[f"resnet{depth}"]
    model = network("cifar_resnet", str(depth))
    theirs = torch_rows(net, published_tensors(net["tensors"]))
    assert disagreements(our_rows(model, measured), theirs, CALLED) == []


@pytest.mark.parametrize("depth", [20, 32, 44, 56, 110, 1202])
def test_a_cifar_resnet_has_the_published_codes_counts(depth, network, facts):
    net = facts("other_nets")[f"resnet{depth}"]
    model = network("cifar_resnet", str(depth))
    assert (model.params, model.macs) == (net["params"], net["macs"])


@pytest.mark.parametrize("depth", [20, 32, 44, 56])
def test_a_cifar_resnet_has_the_published_codes_keys(depth, network, facts, tensors, published_tensors):
    published = published_tensors(facts("other_nets")[f"resnet{depth}"]["tensors"])
    assert dict(tensors(network("cifar_resnet", str(depth)))) == dict(published)


@pytest.mark.parametrize("size", ["28_10", "16_8"])
def test_every_layer_of_a_wide_resnet_agrees(size, network, facts, measured, published_tensors):
    net = facts("other_nets")[f"wrn_{size}_c10"]
    theirs = torch_rows(net, published_tensors(net["tensors"]))
    ours = our_rows(network("wrn", size.replace("_", "-")), measured)
    assert disagreements(ours, theirs, {"flatten", "add", "pool", "softmax"}) == []


@pytest.mark.parametrize("size", ["40_1", "40_2", "40_4", "40_8", "28_10", "28_12", "22_8", "22_10", "16_8", "16_10"])
def test_a_wide_resnet_has_the_published_codes_counts(size, network, facts):
    net = facts("other_nets")[f"wrn_{size}_c10"]
    model = network("wrn", size.replace("_", "-"))
    assert (model.params, model.macs) == (net["params"], net["macs"])


@pytest.mark.parametrize(("variant", "published"), [("A", "zfnet"), ("B", "zfnetb")])
def test_every_layer_of_zfnet_agrees(variant, published, network, facts, measured, published_tensors):
    net = facts("other_nets")[published]
    model = network("zfnet", variant)
    theirs = torch_rows(net, published_tensors(net["tensors"]))
    assert disagreements(our_rows(model, measured), theirs, {"flatten", "softmax"}) == []
    assert (model.params, model.macs) == (net["params"], net["macs"])


def test_the_towers_of_alexnet_are_the_groups(network, facts):
    net = facts("caffe_nets")["bvlc_alexnet"]
    towers = network("alexnet", "towers")
    assert (towers.params, towers.macs) == (net["params"], net["macs"])


@pytest.mark.parametrize(("variant", "published"), [("A", "vgg11"), ("B", "vgg13"), ("D", "vgg16"), ("E", "vgg19")])
def test_vgg_has_torchvisions_counts(variant, published, network, facts):
    known = facts("torchvision")[published]
    model = network("vgg", variant)
    assert (model.params, model.macs) == (known["params"], known["macs"])


def test_rows_of_vgg_d_are_the_published_ones(network, measured):
    rows = [row for row in our_rows(network("vgg", "D"), measured) if row.kind in ("conv", "fc")]
    weights = [row.params - row.shape[0] for row in rows]
    assert weights == [
        1_728, 36_864, 73_728, 147_456, 294_912, 589_824, 589_824, 1_179_648, *[2_359_296] * 5,
        102_760_448, 16_777_216, 4_096_000,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        lambda row: Row("deconv", row.shape, row.params, row.macs),
        lambda row: Row(row.kind, (*row.shape[:-1], row.shape[-1] + 1), row.params, row.macs),
        lambda row: Row(row.kind, row.shape, row.params + 1, row.macs),
        lambda row: Row(row.kind, row.shape, row.params, row.macs + 1),
    ],
    ids=["kind", "shape", "parameters", "MACs"],
)
def test_one_wrong_layer_would_be_noticed(change, network, measured):
    ours = our_rows(network("vgg", "D"), measured)
    at = next(i for i, row in enumerate(ours) if row.kind == "conv")
    assert len(disagreements(ours, [*ours[:at], change(ours[at]), *ours[at + 1 :]])) == 1


def test_a_missing_layer_would_be_noticed(network, measured):
    ours = our_rows(network("vgg", "D"), measured)
    assert disagreements(ours, ours[:-1]) == [f"{len(ours)} layers here, {len(ours) - 1} there"]
