"""Small parts of networks, each with kernels and without: what `compared` compares."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from archlang import kernels as K


class Part(nn.Module):
    """Computes with kernels (`fused`) or as the modules do (`plain`), from the same parameters: x [N, c, H, W]."""

    kernels = True

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        return self.fused(x) if self.kernels else self.plain(x)


def pointwise(c: int, d: int, stride: int = 1, *, bias: bool = False) -> nn.Conv2d:
    return nn.Conv2d(c, d, 1, stride, bias=bias)


class Expand(Part):
    """1x1, batch norm, residual, ReLU."""

    def __init__(self, c: int) -> None:
        super().__init__()
        self.conv, self.bn = pointwise(c, 4 * c), nn.BatchNorm2d(4 * c)

    def fused(self, x):
        return (K.conv1x1(x, self.conv, self.bn, residual=torch.cat([x] * 4, 1), relu=True),)

    def plain(self, x):
        return ((self.bn(self.conv(x)) + torch.cat([x] * 4, 1)).relu(),)


class Stride(Part):
    """1x1 of stride 2 with a bias, and ReLU."""

    def __init__(self, c: int) -> None:
        super().__init__()
        self.conv = pointwise(c, 2 * c, 2, bias=True)

    def fused(self, x):
        return (K.conv1x1(x, self.conv, relu=True),)

    def plain(self, x):
        return (self.conv(x).relu(),)


class Branches(Part):
    """Parallel 1x1s, a 3x3 behind one of them, and their concatenation."""

    def __init__(self, c: int) -> None:
        super().__init__()
        self.first, self.reduce, self.last = pointwise(c, 2 * c), pointwise(c, 8), pointwise(c, 8, bias=True)
        self.middle = nn.Conv2d(8, c, 3, padding=1, bias=False)
        self.bns = nn.ModuleList([nn.BatchNorm2d(width) for width in (2 * c, 8, 8, c)])
        self.widths = (2 * c, c, 8)

    def fused(self, x):
        slices = K.slices(x, *self.widths)
        first, reduced, last = K.conv1x1_many(
            x, [self.first, self.reduce, self.last], self.bns[:3], relu=True, outs=[slices[0], None, slices[2]]
        )
        middle = K.conv_relu(reduced, self.middle, self.bns[3], out=slices[1])
        return (K.concat([first, middle, last], slices),)

    def plain(self, x):
        ones = (self.first, self.reduce, self.last)
        first, reduced, last = (bn(conv(x)).relu() for conv, bn in zip(ones, self.bns, strict=False))
        return (torch.cat([first, self.bns[3](self.middle(reduced)).relu(), last], 1),)


class End(Part):
    """A 3x3 of PyTorch's, then batch norm, add and ReLU."""

    def __init__(self, c: int) -> None:
        super().__init__()
        self.conv, self.bn = nn.Conv2d(c, c, 3, padding=1, bias=False), nn.BatchNorm2d(c)

    def fused(self, x):
        return (K.bn_add_relu(self.conv(x), self.bn, x),)

    def plain(self, x):
        return ((self.bn(self.conv(x)) + x).relu(),)


class Larger(End):
    """A 3x3 with all that follows it."""

    def fused(self, x):
        return (K.conv_relu(x, self.conv, self.bn, residual=x),)


class Joined(Part):
    """The end of a block with a projected shortcut of stride 2."""

    def __init__(self, c: int) -> None:
        super().__init__()
        self.conv, self.bn = pointwise(c, 4 * c), nn.BatchNorm2d(4 * c)
        self.down, self.bn_down = pointwise(c, 4 * c, 2), nn.BatchNorm2d(4 * c)

    def fused(self, x):
        return (K.conv1x1_two(x[:, :, ::2, ::2], self.conv, self.bn, x, self.down, self.bn_down),)

    def plain(self, x):
        return ((self.bn(self.conv(x[:, :, ::2, ::2])) + self.bn_down(self.down(x))).relu(),)


class Pair(Part):
    """The end of a block and the next one's reduction, then a chain."""

    def __init__(self, c: int) -> None:
        super().__init__()
        self.conv, self.bn = pointwise(c, 4 * c), nn.BatchNorm2d(4 * c)
        self.next, self.bn_next = pointwise(4 * c, c), nn.BatchNorm2d(c)
        self.chain = nn.ModuleList([pointwise(c, 2 * c, bias=True), pointwise(2 * c, c, bias=True)])

    def fused(self, x):
        z, r = K.conv1x1_pair(x, self.conv, self.bn, torch.cat([x] * 4, 1), self.next, self.bn_next)
        return z, K.conv1x1_chain(r, self.chain)

    def plain(self, x):
        z = (self.bn(self.conv(x)) + torch.cat([x] * 4, 1)).relu()
        r = self.bn_next(self.next(z)).relu()
        return z, self.chain[1](self.chain[0](r).relu()).relu()


class Before(Part):
    """A 1x1, and another that normalises what the first has made as it reads it."""

    def __init__(self, c: int) -> None:
        super().__init__()
        self.first, self.bn = pointwise(c, c), nn.BatchNorm2d(c)
        self.second, self.bn_second = pointwise(c, 2 * c, bias=True), nn.BatchNorm2d(2 * c)

    def fused(self, x):
        y, found = K.conv1x1_measured(x, self.first, self.bn)
        return (K.conv1x1(y, self.second, self.bn_second, before=self.bn, statistics=found, relu=True),)

    def plain(self, x):
        return (self.bn_second(self.second(self.bn(self.first(x)).relu())).relu(),)


class Bottleneck(Part):
    """A whole block: its skip connection handed on, and the batch norm behind its 3x3 in front of the last 1x1."""

    def __init__(self, c: int) -> None:
        super().__init__()
        self.reduce, self.bn1 = pointwise(c, 8), nn.BatchNorm2d(8)
        self.conv, self.bn2 = nn.Conv2d(8, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8)
        self.expand, self.bn3 = pointwise(8, c), nn.BatchNorm2d(c)

    def fused(self, x):
        h, x = K.conv1x1_skip(x, self.reduce, self.bn1, relu=True)
        return (K.conv1x1(self.conv(h), self.expand, self.bn3, before=self.bn2, residual=x, relu=True),)

    def plain(self, x):
        h = self.bn2(self.conv(self.bn1(self.reduce(x)).relu())).relu()
        return ((self.bn3(self.expand(h)) + x).relu(),)


class Inverted(Part):
    """An inverted residual, each of its layers with another activation."""

    def __init__(self, c: int) -> None:
        super().__init__()
        self.expand, self.bn1 = pointwise(c, 2 * c), nn.BatchNorm2d(2 * c)
        self.conv, self.bn2 = nn.Conv2d(2 * c, 2 * c, 3, padding=1, groups=2 * c, bias=False), nn.BatchNorm2d(2 * c)
        self.project, self.bn3 = pointwise(2 * c, c), nn.BatchNorm2d(c)

    def fused(self, x):
        h = K.conv1x1(x, self.expand, self.bn1, activation=F.silu)
        h = K.conv_relu(h, self.conv, self.bn2, activation=F.hardswish)
        return (K.conv1x1(h, self.project, self.bn3, residual=x, activation=F.relu6),)

    def plain(self, x):
        h = F.silu(self.bn1(self.expand(x)))
        return (F.relu6(self.bn3(self.project(F.hardswish(self.bn2(self.conv(h))))) + x),)


PARTS = (Expand, Stride, Branches, End, Larger, Joined, Pair, Before, Bottleneck, Inverted)


class Residual(Part):
    """A small residual network with four classes, to train."""

    def __init__(self, c: int) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, c, 3, padding=1, bias=False)
        self.blocks = nn.ModuleList([nn.ModuleDict(self._block(c)) for _ in range(2)])
        self.head = nn.Linear(c, 4)

    def _block(self, c: int) -> dict[str, nn.Module]:
        return {
            "reduce": pointwise(c, c // 2), "bn1": nn.BatchNorm2d(c // 2),
            "conv": nn.Conv2d(c // 2, c // 2, 3, padding=1, bias=False), "bn2": nn.BatchNorm2d(c // 2),
            "expand": pointwise(c // 2, c), "bn3": nn.BatchNorm2d(c),
        }  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for block in self.blocks:
            x = self.fused(block, x) if self.kernels else self.plain(block, x)
        return self.head(x.mean((2, 3)))

    def fused(self, block, x):
        h = K.conv_relu(K.conv1x1(x, block["reduce"], block["bn1"], relu=True), block["conv"], block["bn2"])
        return K.conv1x1(h, block["expand"], block["bn3"], residual=x, relu=True)

    def plain(self, block, x):
        h = block["bn1"](block["reduce"](x)).relu()
        h = block["bn2"](block["conv"](h)).relu()
        return (block["bn3"](block["expand"](h)) + x).relu()
