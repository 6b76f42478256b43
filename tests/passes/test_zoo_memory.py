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
    model = archlang.read(name)
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
    assert memory(model.network).saved == sum(size for size, _ in seen.values())
