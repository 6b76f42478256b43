import copy

import pytest
import torch
from steps import STATES, same
from torch import nn

from archlang import kernels as K


def images(n, c, size, dtype=torch.float32):
    return torch.randn(n, c, size, size).to(dtype).to(memory_format=torch.channels_last)


class Net(nn.Module):
    """A block with a projected shortcut, its successor's reduction, and a chain of 1x1s."""

    def __init__(self, stride=1, middle=16):
        super().__init__()
        self.reduce, self.bn1 = nn.Conv2d(16, 8, 1, bias=False), nn.BatchNorm2d(8)
        self.conv2, self.bn2 = nn.Conv2d(8, 8, 3, stride, 1, bias=False), nn.BatchNorm2d(8)
        self.expand, self.bn3 = nn.Conv2d(8, 24, 1), nn.BatchNorm2d(24)
        self.down, self.bn = nn.Conv2d(16, 24, 1, stride, bias=False), nn.BatchNorm2d(24)
        self.expand_, self.bn4 = nn.Conv2d(24, 24, 1, bias=False), nn.BatchNorm2d(24)
        self.reduce_, self.bn5 = nn.Conv2d(24, middle, 1), nn.BatchNorm2d(middle)
        self.chain = nn.ModuleList([nn.Conv2d(middle, 40, 1), nn.Conv2d(40, 8, 1)])
        self.fused = True
        for _, norm in self.named_modules():
            if isinstance(norm, nn.BatchNorm2d):
                for tensor in (norm.weight, norm.bias, norm.running_mean):
                    nn.init.normal_(tensor)
                nn.init.uniform_(norm.running_var, 0.5, 2)

    def forward(self, x):
        if self.fused:
            h = K.conv1x1(x, self.reduce, self.bn1, relu=True)
            h = self.conv2(h)
            z = K.conv1x1_two(h, self.expand, self.bn3, x, self.down, self.bn, before=self.bn2)
            y, r = K.conv1x1_pair(z, self.expand_, self.bn4, z, self.reduce_, self.bn5)
            return y, K.conv1x1_chain(r, self.chain)
        h = self.bn1(self.reduce(x)).relu()
        h = self.bn2(self.conv2(h)).relu()
        z = (self.bn3(self.expand(h)) + self.bn(self.down(x))).relu()
        y = (self.bn4(self.expand_(z)) + z).relu()
        r = self.bn5(self.reduce_(y)).relu()
        return y, self.chain[1](self.chain[0](r).relu()).relu()


def both(**options):
    fused = Net(**options).to(memory_format=torch.channels_last)
    plain = copy.deepcopy(fused)
    plain.fused = False
    return fused, plain


def step(model, x):
    x = x.clone().requires_grad_()
    found = model(x)
    sum((z * torch.linspace(-1, 1, z.numel()).view(z.shape)).sum() for z in found).backward()
    return found, [x.grad, *(p.grad for p in model.parameters())]


@pytest.mark.parametrize("middle", [16, 10])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("state", STATES)
def test_values_gradients_and_buffers_are_those_of_the_modules(state, stride, middle):
    fused, plain = (STATES[state](m) for m in both(stride=stride, middle=middle))
    x = images(3, 16, 5)
    (zs, found), (wanted, exact) = step(fused, x), step(plain, x)
    for a, b in zip(zs, wanted, strict=True):
        same(a, b)
    for a, b in zip(found, exact, strict=True):
        same(a, b, 2e-4)
    for name, buffer in plain.named_buffers():
        same(fused.get_buffer(name), buffer)


@torch.no_grad()
@pytest.mark.parametrize("middle", [16, 10])
@pytest.mark.parametrize("stride", [1, 2])
def test_inference_gives_what_the_modules_give(stride, middle):
    fused, plain = (m.eval() for m in both(stride=stride, middle=middle))
    for x in (images(3, 16, 5), images(1, 16, 1)):
        for a, b in zip(fused(x), plain(x), strict=True):
            same(a, b)


@torch.no_grad()
def test_off_runs_the_modules(monkeypatch, launched):
    monkeypatch.setenv("ARCHLANG_KERNELS", "off")
    fused, plain = (m.eval() for m in both(stride=2))
    x = images(3, 16, 5)
    for a, b in zip(fused(x), plain(x), strict=True):
        assert torch.equal(a, b)
    assert not launched
