"""Every layer of the zoo that stands in the facts agrees with them: kind, order, shape, parameters, MACs."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import pytest

from archlang.ir.scope import Kind

KINDS = {
    # Caffe
    "Convolution": "conv",
    "Deconvolution": "deconv",
    "InnerProduct": "fc",
    "Pooling": "pool",
    "LRN": "lrn",
    "BatchNorm": "bn",
    "Scale": "scale",
    "ReLU": "relu",
    "Dropout": "dropout",
    "Concat": "concat",
    "Eltwise": "add",
    "Crop": "crop",
    "Softmax": "softmax",
    # PyTorch
    "Conv2d": "conv",
    "Linear": "fc",
    "MaxPool2d": "pool",
    "AvgPool2d": "pool",
    "LocalResponseNorm": "lrn",
    "BatchNorm2d": "bn",
    "LambdaLayer": "shortcut",
    "Sequential": "shortcut",  # an empty one: the shapes agree
    "Flatten": "flatten",
    "PosBias": "posbias",
    # ours, by word
    "maxpool": "pool",
    "avgpool": "pool",
    "gap": "pool",
    "dwconv": "conv",
    "FC": "fc",
}


@dataclass(frozen=True)
class Row:
    """One layer; `params` or `macs` is None where the source does not say."""

    kind: str
    shape: tuple[int, ...]
    params: int | None
    macs: int | None


def kind(word):
    return KINDS.get(word, word)


def sizes(text):
    return tuple(int(size) for size in text.split("x"))


def caffe_rows(net):
    """The layers of one of `caffe_nets.json`; a BatchNorm and the Scale after it are one batch norm."""
    rows = []
    for line in net["layers"]:
        _, type_, shape, params, macs = line.split()
        if kind(type_) == "scale":
            rows[-1] = Row("bn", rows[-1].shape, int(params), 0)
        else:
            rows.append(Row(kind(type_), sizes(shape), int(params), int(macs)))
    return rows


def torch_rows(net, tensors):
    """The layers of one of `other_nets.json`, with the parameters of its own tensors."""
    learn = {}
    for key, shape in tensors:
        if not key.endswith(("running_mean", "running_var", "num_batches_tracked")):
            layer = key.rpartition(".")[0]
            learn[layer] = learn.get(layer, 0) + prod(shape)
    rows = []
    for line in net["layers"]:
        name, type_, shape = line.split()
        rows.append(Row(kind(type_), sizes(shape), learn.get(name, 0), None))
    return rows


def our_rows(model, measured, shortcut="last"):
    """The layers of a model in its order, the projection of a shortcut before or after the branch it goes past."""
    nodes = []
    for node in model.graph:
        inside = [scope for scope in node.scope.chain() if scope.kind is Kind.SHORTCUT]
        if not inside or shortcut == "last":
            nodes.append(node)
            continue
        wrap = inside[-1].parent
        past = [i for i, other in enumerate(nodes) if wrap in other.scope.chain() and not is_shortcut(other, wrap)]
        nodes.insert(past[0] if past else len(nodes), node)
    return [Row(kind(node.op.word), *measured(model, node)) for node in nodes if node.op.word != "input"]


def is_shortcut(node, wrap):
    return any(scope.kind is Kind.SHORTCUT and scope.parent is wrap for scope in node.scope.chain())


def same(ours, theirs):
    """Whether two rows agree in all that both say."""
    return (
        ours.kind == theirs.kind
        and ours.shape == theirs.shape
        and (theirs.params is None or ours.params == theirs.params)
        and (theirs.macs is None or ours.macs == theirs.macs)
    )


def disagreements(ours, theirs, ignored=()):
    """The places where two lists of layers differ, in words; empty where every layer agrees, in order."""
    ours = [row for row in ours if row.kind not in ignored]
    theirs = [row for row in theirs if row.kind not in ignored]
    found = [f"{i}: {a} is not {b}" for i, (a, b) in enumerate(zip(ours, theirs, strict=False)) if not same(a, b)]
    if len(ours) != len(theirs):
        found.append(f"{len(ours)} layers here, {len(theirs)} there")
    return found


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


def test_every_layer_of_alphago_agrees(network, facts, measured, published_tensors):
    net = facts("other_nets")["policy_k192_paper_one_bias_per_position"]
    model = network("alphago", "k192")
    # There the map is flattened before the biases are added, here after: 361 points either way.
    theirs = [
        Row(r.kind, (1, 19, 19), 361, 0) if r.kind == "posbias" else r
        for r in torch_rows(net, published_tensors(net["tensors"]))
    ]
    assert disagreements(our_rows(model, measured), theirs, {"flatten"}) == []
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
