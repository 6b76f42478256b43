"""Whole networks with kernels against themselves without: outputs, gradients and running statistics."""

import pytest
import torch

import archlang

RESIDUAL = """net Tiny(classes=4) {
  conv means [conv(bias=false); bn; relu]
  input 3x12x12
  stage stem { conv3-16/2 }
  stage layer1 { bottleneck(8) x2 }
  stage layer2 { bottleneck(16)/2; bottleneck(16) }
  gap; FC-classes; softmax
}"""

INCEPTION = """net Tiny(classes=4) {
  conv means [conv; relu]
  input 3x14x14
  conv3-16/2; conv1-16; conv3-24
  inception(16, 8, 16, 8, 8, 8) as i1
  aux side(weight=0.3) { avgpool3/2; conv1-8; FC-classes; softmax }
  inception(8, 16, 16, 8, 16, 16) as i2
  gap; FC-classes; softmax
}"""

DENSE = """net Tiny(classes=4) {
  conv means [bn; relu; conv(bias=false)]
  input 3x12x12
  conv3-16
  dense(8) x2; transition; dense(8)
  bn; relu; gap; FC-classes; softmax
}"""


def outputs(result):
    return list(result) if isinstance(result, tuple) else [result]


def randomised(module):
    for name, tensor in module.state_dict().items():
        if name.endswith("running_var"):
            torch.nn.init.uniform_(tensor, 0.5, 2)
        elif tensor.is_floating_point():
            torch.nn.init.normal_(tensor, std=0.3 if tensor.dim() < 2 else (2 / tensor[0].numel()) ** 0.5)
    return module


def compared(model, batch):
    """The module with kernels, on, against itself without; in evaluation, and in a step of training.

    In fp64, since deep networks of random weights make much of a rounding.
    """
    shape = model.shapes[model.network.inputs[0]]
    x = torch.randn(batch, *shape, dtype=torch.float64).to(memory_format=torch.channels_last)
    modules = [model.build(kernels=kernels).double().to(memory_format=torch.channels_last) for kernels in (True, False)]
    modules[1].load_state_dict(randomised(modules[0]).state_dict())
    found = []
    for module in modules:
        with torch.no_grad():
            made = outputs(module.eval()(x))
        torch.manual_seed(1)  # of dropout
        trained = outputs(module.train()(x))
        sum(one.square().mean() for one in trained).backward()
        grads = [p.grad for p in module.parameters()]
        found.append([*made, *trained, *grads, *module.buffers()])
    for one, other in zip(*found, strict=True):
        scale = other.abs().max().clamp(min=1e-3) if other.is_floating_point() else 1
        assert ((one - other).abs() / scale).max() < 1e-7


@pytest.mark.parametrize(
    ("text", "kernels"),
    [
        (RESIDUAL, {"conv1x1", "conv1x1_two", "conv1x1_skip"}),
        (INCEPTION, {"conv1x1", "conv1x1_many"}),
        (DENSE, {"conv1x1"}),
    ],
    ids=["residual", "inception", "dense"],
)
def test_a_small_network_is_the_same_with_kernels_and_without(text, kernels, launched):
    model = archlang.parse(text)
    for name in kernels:
        assert f"K.{name}(" in model.code(kernels=True)
    compared(model, 2)
    assert len(launched) > 5


@pytest.mark.parametrize(
    "layers",
    [
        "conv1-16; bn; leakyrelu; conv1-8; relu; dropout(0.3)",
        "conv1-16; relu; dropout(0.5); conv1-16; bn; dropout(0.3)",
        "conv3-16; relu\nadd[ conv1-16; bn | identity ]; leakyrelu",
        "conv3-16; relu\nadd[ dwconv3; bn | identity ]; leakyrelu",
        "conv3-16; relu\nconcat[ conv1-16 | conv1-8 | conv1-8 ]; leakyrelu",
        "conv3-16; relu\nconcat[ conv1-16 as a; leakyrelu | conv1-8 as b; leakyrelu ]; conv1-8; leakyrelu",
    ],
)
def test_a_layer_after_a_kernel_may_work_in_place(layers, launched):
    compared(archlang.parse(f"input 16x8x8\n{layers}\ngap; FC-4"), 2)
    assert launched


@pytest.mark.slow
@pytest.mark.parametrize(("name", "size"), [("resnet50", 64), ("googlenet", 224)])
def test_a_whole_network_is_the_same_with_kernels_and_without(name, size, launched):
    compared(archlang.read(name, input=(3, size, size)), 2)
    assert len(launched) > 40
