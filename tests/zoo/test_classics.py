"""The classics: every layer of every network that a Caffe file publishes, in all that the file says of it."""

from __future__ import annotations

import pytest
from rows import caffe_rows, disagreements, our_rows

WHOLE = [
    ("caffenet", "imagenet", "caffe_nets", "bvlc_reference_caffenet", ()),
    ("caffenet", "rcnn", "caffe_classics", "bvlc_reference_rcnn_ilsvrc13", ()),
    ("caffenet", "flickr", "caffe_classics", "finetune_flickr_style", ()),
    ("caffenet", "flowers", "caffe_classics", "flowers_caffenet", ("softmax",)),  # that file ends before it
    ("caffenet", "places205", "caffe_classics", "places205_alexnet", ()),
    ("caffenet", "hybrid", "caffe_classics", "hybrid_cnn_places", ()),
    ("vgg_cnn", "F", "caffe_nets", "vgg_cnn_f", ()),
    ("vgg_cnn", "M", "caffe_nets", "vgg_cnn_m", ()),
    ("vgg_cnn", "M-128", "caffe_classics", "vgg_cnn_m_128", ()),
    ("vgg_cnn", "M-1024", "caffe_classics", "vgg_cnn_m_1024", ()),
    ("vgg_cnn", "M-2048", "caffe_classics", "vgg_cnn_m_2048", ()),
    ("vgg_cnn", "S", "caffe_nets", "vgg_cnn_s", ()),
    ("vgg_face", None, "caffe_classics", "vgg_face", ()),
    ("cifar10", "quick", "caffe_nets", "cifar10_quick", ()),
    ("cifar10", "full", "caffe_nets", "cifar10_full", ()),
    ("squeezenet", "1.0-caffe", "caffe_nets", "squeezenet_v1_0", ("softmax",)),  # there of 1000x1x1
    ("squeezenet", "1.1", "caffe_nets", "squeezenet_v1_1", ("softmax",)),
]


@pytest.mark.parametrize(("name", "variant", "where", "published", "ignored"), WHOLE)
def test_every_layer_of_a_classic_agrees_with_the_caffe_file(
    name, variant, where, published, ignored, network, facts, measured
):
    net = facts(where)[published]
    model = network(name, variant)
    assert disagreements(our_rows(model, measured), caffe_rows(net), {"flatten", *ignored}) == []
    assert (model.params, model.macs) == (net["params"], net["macs"])


@pytest.mark.parametrize(
    ("variant", "published"),
    [("imagenet", "bvlc_googlenet"), ("places205", "places205_googlenet"), ("compcars", "compcars_googlenet")],
)
def test_every_layer_of_googlenet_in_use_agrees_with_the_caffe_file(variant, published, network, facts, measured):
    net = facts("caffe_classics")[published]
    model = network("googlenet", variant)
    assert disagreements(our_rows(model, measured, heads=False), caffe_rows(net), {"flatten"}) == []
    assert (model.params, model.macs) == (net["params"], net["macs"])


def test_every_layer_of_zfnet_with_a_pyramid_agrees_with_the_caffe_file(network, facts, measured):
    net = facts("caffe_nets")["zeiler_conv5_spp"]
    model = network("zfnet", "spp")
    theirs = caffe_rows(net)
    # The file pools its largest map first, and joins the smallest first, which is the order of both here.
    first = next(i for i, row in enumerate(theirs) if row.shape == (256, 6, 6))
    theirs[first : first + 8] = [row for at in (6, 4, 2, 0) for row in theirs[first + at : first + at + 2]]
    assert disagreements(our_rows(model, measured), theirs) == []
    assert (model.params, model.macs) == (net["params"], net["macs"])


def test_every_layer_of_places_cnds_8_agrees_with_the_caffe_file(network, facts, measured):
    net = facts("caffe_nets")["places_cnds_8_train_val"]
    model = network("places_cnds_8")
    theirs = caffe_rows(net)
    # The file has the pool before the head that reads what enters it, and both ends without their softmax.
    pool = next(i for i, row in enumerate(theirs) if row.kind == "pool" and row.shape == (256, 14, 14))
    end = next(i for i, row in enumerate(theirs) if row.shape == (205,))
    theirs[pool : end + 1] = [*theirs[pool + 1 : end + 1], theirs[pool]]
    assert disagreements(our_rows(model, measured), theirs, {"flatten", "softmax"}) == []
    assert model.params_train == net["params"]
    assert [head.weight for head in model.network.heads] == [0.3]


@pytest.mark.parametrize(
    ("variant", "widths", "last"),
    [
        ("svhn", [128, 96, 64, 320, 256, 128, 384, 256, 10], (10, 8, 8)),
        ("mnist", [96, 64, 48, 128, 96, 48, 128, 96, 10], (10, 7, 7)),
    ],
)
def test_network_in_network_has_the_widths_of_the_authors_files(variant, widths, last, network):
    model = network("nin", variant)
    convolutions = [node for node in model.graph if node.op.word == "conv"]
    assert [node.op.out for node in convolutions] == widths
    assert [node.op.k for node in convolutions] == [(5, 5), (1, 1), (1, 1)] * 3
    assert model.shapes[convolutions[-1].id] == last


@pytest.mark.parametrize(
    ("name", "variant", "inner"),
    [
        ("zfnet", "spp", 2),
        ("cifar10", "full", 2),
        ("cifar10", "quick", 0),
        ("zfnet", "A", 0),
        ("alexnet", "grouped", 0),
    ],
)
def test_normalisation_is_within_a_channel_where_the_file_says_so(name, variant, inner, network):
    model = network(name, variant)
    assert sum(node.op.within for node in model.graph if node.op.word == "LRN") == inner


def test_naive_modules_keep_all_that_came_in(network):
    model = network("googlenet_naive")
    joined = [model.shapes[node.id][0] for node in model.graph if node.op.word == "concat"]
    table = [(64, 128, 32), (128, 192, 96), (192, 208, 48), (160, 224, 64), (128, 256, 64), (112, 288, 64)]
    table += [(256, 320, 128), (256, 320, 128), (384, 384, 128)]
    assert joined == [192 + sum(map(sum, table[: n + 1])) for n in range(9)]
