"""The samples count what public implementations of the same networks count."""

from __future__ import annotations

from pathlib import Path

import pytest

SAMPLES = Path(__file__).parent.parent / "samples"

PUBLISHED = [
    ("alexnet", "grouped", "caffe_nets", "bvlc_alexnet"),
    ("alexnet", "towers", "caffe_nets", "bvlc_alexnet"),
    ("alphago", None, "other_nets", "policy_k192_paper_one_bias_per_position"),
    ("cifar_resnet", "20", "other_nets", "resnet20"),
    ("cifar_resnet", "1202", "other_nets", "resnet1202"),
    ("densenet", "121", "torchvision", "densenet121"),
    ("fcn8s", None, "caffe_nets", "voc_fcn8s"),
    ("mobilenetv2", None, "torchvision", "mobilenet_v2"),
    ("nin", None, "caffe_nets", "nin_cifar10"),
    ("resnet", "18", "torchvision", "resnet18"),
    ("resnet", "34", "torchvision", "resnet34"),
    ("resnet", "50", "torchvision", "resnet50"),
    ("resnet", "101", "torchvision", "resnet101"),
    ("resnet", "152", "torchvision", "resnet152"),
    ("resnet", "next50-32x4d", "torchvision", "resnext50_32x4d"),
    ("resnet", "next101-32x8d", "torchvision", "resnext101_32x8d"),
    ("resnet", "wide50-2", "torchvision", "wide_resnet50_2"),
    ("vgg", "A", "torchvision", "vgg11"),
    ("vgg", "B", "torchvision", "vgg13"),
    ("vgg", "D", "caffe_nets", "vgg_ilsvrc_16"),
    ("vgg", "E", "caffe_nets", "vgg_ilsvrc_19"),
    ("vgg16", None, "caffe_nets", "vgg_ilsvrc_16"),
    ("wrn", None, "other_nets", "wrn_28_10_c10"),
]


@pytest.mark.parametrize(("name", "variant", "where", "published"), PUBLISHED)
def test_a_sample_has_the_published_counts(name, variant, where, published, network, facts):
    model = network(str(SAMPLES / f"{name}.arch"), variant)
    known = facts(where)[published]
    assert (model.params, model.macs) == (known["params"], known["macs"])


def test_googlenet_counts_its_heads_for_training_alone(network, facts):
    model = network(str(SAMPLES / "googlenet.arch"))
    known = facts("caffe_nets")["bvlc_googlenet_train_val"]
    assert model.params_train == known["params"]
    assert (model.params, model.macs) == (6_998_552, 1_582_671_872)


def test_the_brackets_of_resnets_table_stride_in_the_first_1x1(network, facts):
    model = network(str(SAMPLES / "resnet50_table.arch"))
    assert model.params == facts("torchvision")["resnet50"]["params"]
    assert model.macs == facts("caffe_nets")["resnet_50"]["macs"]


def test_the_flowers_are_a_resnet_without_its_classifier(network, facts):
    model = network(str(SAMPLES / "flowers.arch"))
    assert model.params == facts("torchvision")["resnet50"]["params"] - 2_049_000 + 102 * 2_049


def test_a_gate_adds_its_two_layers_to_every_unit(network, facts):
    gates = sum(
        n * (2 * 4 * w * (4 * w // 16) + 4 * w + 4 * w // 16)
        for n, w in zip((3, 4, 6, 3), (64, 128, 256, 512), strict=True)
    )
    assert network(str(SAMPLES / "senet.arch"), "50").params == facts("torchvision")["resnet50"]["params"] + gates


def test_the_trunk_keeps_symbols_for_its_sizes(network):
    model = network(str(SAMPLES / "symbolic.arch"))
    sizes = {name: [str(size) for size in model.shapes[model.network.taps[name]]] for name in ("c2", "c3", "c4")}
    assert sizes == {
        "c2": ["256", "ceil(H/4)", "ceil(W/4)"],
        "c3": ["512", "ceil(H/8)", "ceil(W/8)"],
        "c4": ["1024", "ceil(H/16)", "ceil(W/16)"],
    }


def test_u_net_answers_for_the_middle_of_its_image(network):
    model = network(str(SAMPLES / "unet.arch"))
    assert model.shapes[model.network.results[0].output] == (2, 388, 388)
    assert model.params == 31_030_658  # counted by hand: 18,842,048 down and 12,188,610 up
