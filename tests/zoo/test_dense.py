"""Networks that label each pixel, and those made for other jobs: every layer against the published files."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rows import caffe_rows, disagreements, our_rows

CAFFE = [
    ("fcn32s", None, "voc_fcn32s"),
    ("fcn16s", None, "voc_fcn16s"),
    ("fcn_alexnet", None, "voc_fcn_alexnet"),
    ("fcn8s", "pascal-context", "pascalcontext_fcn8s"),
    ("fcn_siftflow", None, "siftflow_fcn16s"),
    ("fcn_nyud", None, "nyud_fcn32s_color_hha"),
    ("hed", None, "hed"),
    ("ccnn", "8s", "ccnn_fcn8s"),
    ("ccnn", "32s", "ccnn_fcn32s"),
    ("agegender", "age", "age_net"),
    ("agegender", "gender", "gender_net"),
    ("yearbook", None, "yearbook"),
    ("subitizing", "alexnet", "sos_alexnet"),
    ("subitizing", "vgg16", "sos_vgg16"),
    ("binary_hash", "cifar10-48", "hash_cifar10_48"),
]
NO_LAYER = {"DenseCRF", "dropout", "flatten", "softmax", "times"}
"""What one side has no layer for: a CRF has no weights, files for use leave dropout out, a mean is a coefficient."""


def in_any_order(rows):
    """Rows that can be compared where two files write their branches in another order."""
    return sorted(rows, key=lambda row: (row.kind, row.shape, row.params or 0, row.macs or 0))


@pytest.mark.parametrize(("name", "variant", "published"), CAFFE)
def test_every_layer_agrees_with_the_published_file(name, variant, published, network, facts, measured):
    net = facts("caffe_dense")[published]
    model = network(name, variant)
    ours = in_any_order(our_rows(model, measured, heads=False))
    theirs = in_any_order(as_ours(caffe_rows(net)))
    assert disagreements(ours, theirs, NO_LAYER) == []
    assert (model.params, model.macs) == (net["params"], net["macs"])


def as_ours(rows):
    """Caffe's rows by our names for their kinds."""
    return [replace(row, kind="sigmoid") if row.kind == "Sigmoid" else row for row in rows]


@pytest.mark.parametrize(
    ("name", "variant", "params", "macs"),
    [
        ("alphago_value", "k192", 3_980_162, 1_402_551_680),
        ("alphago_value", "layers13", 4_312_130, 1_522_322_816),
        ("alphago_value", "k128", 2_020_994, 695_523_072),
        ("deepcnet", "5-32", 290_186, 43_214_080),
        ("deepcnet", "5-32-100", 307_556, 43_231_360),
        ("deepcnet", "5-100", 2_810_810, 371_303_200),
        ("deepcnet", "6-100", 4_492_510, 1_645_397_000),
    ],
)
def test_a_network_has_the_published_codes_counts(name, variant, params, macs, network):
    model = network(name, variant)
    assert (model.params, model.macs) == (params, macs)


def test_six_drawings_of_the_edges_are_given_out_each_of_the_images_size(network):
    model = network("hed")
    assert [model.shapes[result.output] for result in model.network.results] == [(1, 500, 500)] * 6


def test_two_labels_a_pixel_come_from_one_trunk(network):
    model = network("fcn_siftflow")
    assert [model.shapes[result.output] for result in model.network.results] == [(33, 256, 256), (3, 256, 256)]
    assert sum(node.path == "fc7" for node in model.graph if node.op.stateful) == 1


def test_two_images_enter_what_looks_at_colours_and_depth(network):
    assert [node.path for node in network("fcn_nyud").graph if node.op.word == "input"] == ["colour", "hha"]
