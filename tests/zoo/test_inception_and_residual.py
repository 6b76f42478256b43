"""Inception v3 and v4, Inception-ResNet, Xception, pre-activation and wider residual networks: published counts."""

from __future__ import annotations

import pytest

# Of the public implementations that the networks follow; Inception v3's is torchvision's, without its head.
COUNTS = [
    ("inceptionv3", None, 23_834_568),
    ("inceptionv4", None, 42_679_816),
    ("inception_resnet_v2", None, 55_843_464),
    ("xception", None, 22_855_952),
    ("cifar_resnet", "20-B", 272_474),
    ("densenet", "161", 28_681_000),
    ("resnext", "101-32x48d", 828_411_176),
]


@pytest.mark.parametrize(("name", "variant", "params"), COUNTS)
def test_a_network_has_as_many_parameters_as_where_it_is_published(name, variant, params, network):
    assert network(name, variant).params == params


def test_the_head_of_inception_v3_is_counted_apart(network, facts):
    known = facts("torchvision")["inception_v3"]
    model = network("inceptionv3")
    assert (model.params_train, model.macs) == (known["params"], known["macs"])


def test_a_block_of_a_course_is_a_sum_of_one_map(network):
    model = network("course_resnet")
    sums = [node for node in model.graph if node.op.word == "add"]
    assert [model.shapes[node.id] for node in sums] == [(1, 28, 28), (1, 28, 28)]


@pytest.mark.parametrize(("variant", "units"), [("110", 54), ("164", 54), ("1001", 333)])
def test_nothing_follows_the_sum_of_a_pre_activation_unit_but_the_next_unit(variant, units, network):
    model = network("preact_resnet", variant)
    sums = [node for node in model.graph if node.op.word == "add"]
    assert len(sums) == units
    readers = {model.graph[id_].op.word for node in sums for id_ in model.graph.readers(node.id)}
    assert readers <= {"bn", "add"}
