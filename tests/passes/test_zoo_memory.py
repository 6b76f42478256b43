"""What training keeps of the zoo's networks, as said and as the emitted module does it."""

import pytest

import archlang
from archlang.passes.memory import memory

torch = pytest.importorskip("torch")

NAMES = ["lenet", "alexnet@grouped", "alexnet@towers", "googlenet", "resnet@18", "cifar_resnet@20", "alphago", "cs231n"]
NAMES += ["cifar10@full", "squeezenet@1.1", "video2text"]
LARGE = [
    "zfnet",
    "zfnet@spp",
    "nin",
    "vgg@D",
    "resnet@50",
    "mobilenetv2",
    "senet",
    "resnext",
    "densenet",
    "unet",
    "wrn",
    "flowers",
    "fcn8s",
    "convnext",
    "mobilenetv3@small",
    "shufflenetv2",
]


def given(model, id_):
    """One of an input: an image, or a sentence."""
    words = model.network.vocabulary(id_)
    sizes = (1, *model.shapes[id_])
    return torch.randn(sizes) if words is None else torch.randint(words, sizes)


@pytest.mark.parametrize("name", [*NAMES, *(pytest.param(name, marks=pytest.mark.slow) for name in LARGE)])
def test_what_is_kept_for_the_backward_pass_is_what_autograd_keeps(name):
    kept, said = kept_and_said(archlang.read(name))
    assert kept == said


TUNED = """
import "{file}": {net}

net Tuned {{
  input {size}
  {net}(variant="{variant}") to {last}
  {head} FC-5 as head; softmax
  {recipe}
}}
"""
LENET = {"file": "lenet.arch", "net": "LeNet", "variant": "caffe", "size": "1x28x28", "last": "relu1", "head": ""}
CIFAR = {"file": "cifar_resnet.arch", "net": "CifarResNet", "variant": "20-B", "size": "3x32x32"}
CIFAR |= {"last": "layer3", "head": "gap;"}
GOOGLENET = {"file": "googlenet.arch", "net": "GoogLeNet", "variant": "imagenet", "size": "3x224x224"}
GOOGLENET |= {"last": "i5b", "head": "gap;"}


@pytest.mark.parametrize(
    ("net", "recipe"),
    [
        (LENET, "freeze conv1..fc1"),
        (LENET, "freeze conv1..conv2"),
        (LENET, "freeze conv1; lr conv2 = 0.01; lr fc1 = 0.1"),
        (LENET, "freeze fc1"),
        (CIFAR, "freeze conv1..layer3"),
        (CIFAR, "freeze conv1..layer2"),
        (CIFAR, "freeze layer2"),
        (CIFAR, "freeze bn"),
        (CIFAR, "freeze conv"),
        (CIFAR, "freeze all"),
        (GOOGLENET, "freeze conv1..i5a"),
        (GOOGLENET, "freeze i3a, i4c"),
    ],
    ids=lambda part: part if isinstance(part, str) else part["net"],
)
def test_what_is_kept_where_layers_are_frozen_is_what_autograd_keeps(net, recipe):
    kept, said = kept_and_said(archlang.parse(TUNED.format(**net, recipe=recipe)))
    assert kept == said


def kept_and_said(model):
    """The bytes that autograd keeps of the emitted module's forward pass, and those that the summary says."""
    defined = {"__name__": "emitted"}
    exec(model.code(), defined)  # noqa: S102
    module = defined[model.name]().train()
    seen = {}

    def keep(tensor):
        seen[tensor.untyped_storage().data_ptr()] = (tensor.untyped_storage().nbytes(), tensor)
        return tensor

    inputs = [given(model, id_) for id_ in model.network.inputs]
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        output = module(*inputs)
    assert output is not None
    for parameter in module.parameters():
        seen.pop(parameter.untyped_storage().data_ptr(), None)
    return sum(size for size, _ in seen.values()), memory(model.network).saved
