"""Every file of the zoo, and every sample, checks; the zoo's do so without a word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import archlang
from archlang import resources
from archlang.locate import locate, read_file
from archlang.syntax import ast
from archlang.syntax.parse import parse

SAMPLES = Path(__file__).parent.parent / "samples"
FILES = sorted(resources.zoo().rglob("*.arch"))
NETWORKS = sorted(resources.zoo().glob("*.arch"))


def said(path):
    return [
        f"{each.span.line}: {each.severity}[{each.code}] {each.message}" for each in archlang.check(read_file(path))
    ]


def nets(path):
    return [s for s in parse(read_file(path))[0].body.statements if isinstance(s, ast.Net)]


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(resources.zoo()).as_posix())
def test_a_file_of_the_zoo_checks_in_every_variant_without_a_warning(path):
    assert said(path) == []


@pytest.mark.parametrize("path", sorted(SAMPLES.rglob("*.arch")), ids=lambda p: p.relative_to(SAMPLES).as_posix())
def test_a_sample_checks_as_it_stands(path):
    assert [line for line in said(path) if " error[" in line] == []


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(resources.zoo()).as_posix())
def test_a_file_of_the_zoo_says_in_words_what_it_is(path):
    assert path.read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize("path", NETWORKS, ids=lambda p: p.stem)
def test_a_network_of_the_zoo_names_its_paper(path):
    without = {"cs231n", "trunk", "flowers", "course_resnet"}  # a pattern, a part, a recipe, an exercise
    papers = [s for net in nets(path) for s in net.body.statements if isinstance(s, ast.Paper)]
    assert bool(papers) is (path.stem not in without)


def test_the_line_that_begins_the_tour_is_a_whole_network():
    text = "stage conv3-64 x2; maxpool; inception(64,96,128,16,32,32)"
    model = archlang.parse(text)
    assert model.shapes[list(model.graph)[-1].id] == (256, 112, 112)


@pytest.mark.parametrize(
    ("name", "net", "variant"),
    [
        ("lenet", "LeNet", "caffe"),
        ("lenet-5", "LeNet", "5"),
        ("alexnet", "AlexNet", "grouped"),
        ("zfnet", "ZFNet", "A"),
        ("vgg-d", "VGG", "D"),
        ("VGG-A-LRN", "VGG", "A-LRN"),
        ("nin", "NIN", "cifar10"),
        ("nin-imagenet", "NIN", "imagenet"),
        ("googlenet", "GoogLeNet", "imagenet"),
        ("googlenet-places205", "GoogLeNet", "places205"),
        ("caffenet", "CaffeNet", "imagenet"),
        ("caffenet-flickr", "CaffeNet", "flickr"),
        ("vgg_cnn_s", "VGGCNN", "S"),
        ("VGG_CNN_M_1024", "VGGCNN", "M-1024"),
        ("vgg-face", "VGGFace", None),
        ("cifar10_quick", "Cifar10", "quick"),
        ("squeezenet", "SqueezeNet", "1.0"),
        ("squeezenet1.1", "SqueezeNet", "1.1"),
        ("resnet50", "ResNet", "50"),
        ("resnet-50", "ResNet", "50"),
        ("ResNet-50", "ResNet", "50"),
        ("resnet152", "ResNet", "152"),
        ("resnext50-32x4d", "ResNeXt", "50-32x4d"),
        ("wrn-28-10", "WRN", "28-10"),
        ("densenet121", "DenseNet", "121"),
        ("cifar_resnet-110", "CifarResNet", "110"),
        ("alphago", "AlphaGo", "k192"),
        ("fcn8s", "FCN8s", "voc"),
        ("unet", "UNet", None),
        ("mobilenetv3-large", "MobileNetV3", "large"),
        ("mobilenetv1-0.75", "MobileNetV1", "0.75"),
        ("shufflenetv2-x0.5", "ShuffleNetV2", "x0.5"),
        ("mnasnet1.3", "MNASNet", "1.3"),
    ],
)
def test_a_network_goes_by_the_name_people_type(name, net, variant, network):
    model = network(name)
    assert (model.name, model.variant) == (net, variant)


def test_an_expectation_of_the_zoo_that_is_changed_is_noticed():
    located = locate("vgg")
    text = located.source.text
    for change in (("params == 138M", "params == 139M"), ("depth == 19", "depth == 18")):
        assert change[0] in text
        found = archlang.check(type(located.source)("vgg.arch", text.replace(*change)))
        assert [each.severity for each in found] == ["error"]


def test_every_row_of_googlenets_table_is_expected():
    text = locate("googlenet").source.text
    rows = ["conv1", "conv2", *(f"i{row}" for row in ("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b")), "fc"]
    for row in rows:
        assert re.search(rf"expect {row}\.params == ", text)
        assert re.search(rf"expect {row}\.macs == ", text)
