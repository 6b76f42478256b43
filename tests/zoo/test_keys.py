"""Where a file is written so that its weights have torchvision's names, they have, with the same shapes."""

from __future__ import annotations

from pathlib import Path

import pytest

KEYS = Path(__file__).parent.parent / "samples" / "keys"

SAMPLES = [
    "alexnet",
    "densenet121",
    "googlenet",
    "inception_v3",
    "mobilenet_v2",
    "resnet50",
    "squeezenet1_1",
    "vgg16_bn",
]
ZOO = [
    ("resnet", "18", "resnet18"),
    ("resnet", "34", "resnet34"),
    ("resnet", "50", "resnet50"),
    ("resnet", "101", "resnet101"),
    ("resnet", "152", "resnet152"),
    ("resnet", "wide50-2", "wide_resnet50_2"),
    ("resnet", "wide101-2", "wide_resnet101_2"),
    ("resnext", "50-32x4d", "resnext50_32x4d"),
    ("resnext", "101-32x8d", "resnext101_32x8d"),
    ("densenet", "121", "densenet121"),
    ("mobilenetv2", None, "mobilenet_v2"),
]


def differences(ours, theirs):
    """What one has and the other has not, or has in another shape: an empty dict where they agree."""
    ours, theirs = dict(ours), dict(theirs)
    return {
        "missing": sorted(theirs.keys() - ours.keys()),
        "extra": sorted(ours.keys() - theirs.keys()),
        "misshapen": [(k, ours[k], theirs[k]) for k in sorted(ours.keys() & theirs.keys()) if ours[k] != theirs[k]],
    }


NONE = {"missing": [], "extra": [], "misshapen": []}


def test_no_file_of_keys_is_forgotten():
    assert sorted(path.stem for path in KEYS.glob("*.arch")) == SAMPLES


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_of_keys_has_exactly_torchvisions_keys_and_shapes(name, network, facts, tensors, published_tensors):
    model = network(str(KEYS / f"{name}.arch"))
    published = published_tensors(facts("torchvision")[name]["tensors"])
    ours = tensors(model)
    assert len(ours) == len({key for key, _ in ours})
    assert differences(ours, published) == NONE


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_of_keys_has_torchvisions_counts(name, network, facts):
    model = network(str(KEYS / f"{name}.arch"))
    known = facts("torchvision")[name]
    assert (model.params_train, model.macs) == (known["params"], known["macs"])


@pytest.mark.parametrize("name", ["googlenet", "inception_v3"])
def test_the_heads_of_a_sample_are_what_torchvision_leaves_out(name, network, facts):
    model = network(str(KEYS / f"{name}.arch"))
    assert model.params == facts("torchvision")[f"{name}_no_heads"]["params"]


@pytest.mark.parametrize(("name", "variant", "published"), ZOO)
def test_weights_of_torchvision_fit_the_zoos_network(
    name, variant, published, network, facts, tensors, published_tensors
):
    model = network(name, variant)
    known = facts("torchvision")[published]
    assert differences(tensors(model), published_tensors(known["tensors"])) == NONE
    assert (model.params_train, model.macs) == (known["params"], known["macs"])


def test_torchvisions_keys_come_in_the_order_of_the_layers(network, facts, tensors, published_tensors):
    ours = [key for key, _ in tensors(network("densenet", "121"))]
    theirs = [key for key, _ in published_tensors(facts("torchvision")["densenet121"]["tensors"])]
    assert ours == theirs


def test_a_renamed_layer_would_be_noticed(network, facts, tensors, published_tensors):
    ours = [(key.replace("layer1.0.conv1", "layer1.0.conv9"), sizes) for key, sizes in tensors(network("resnet", "50"))]
    found = differences(ours, published_tensors(facts("torchvision")["resnet50"]["tensors"]))
    assert found["missing"] == ["layer1.0.conv1.weight"]
    assert found["extra"] == ["layer1.0.conv9.weight"]
