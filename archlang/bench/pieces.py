"""One fusion of a network by itself: its layers as modules, what a kernel makes of them, and what PyTorch does."""

# pyright: basic
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from archlang import kernels as K
from archlang.ir.network import Network
from archlang.ops.conv import Conv
from archlang.passes.fusion import Fusion, Kernel, Role
from archlang.record import record


@record
class Piece:
    """What two fusions share that are measured as one: `sizes` are x's, without the batch.

    `outs` are the output channels of each convolution (of the batch norm where
    there is none); `before` says that x is normalised and rectified as it is read.
    """

    kernel: Kernel
    sizes: tuple[int, int, int]
    outs: tuple[int, ...]
    window: int = 1
    stride: int = 1
    pad: int = 0
    bias: bool = False
    norm: bool = False
    before: bool = False
    residual: bool = False
    relu: bool = False

    def __str__(self) -> str:
        wide = (" to " if self.kernel is Kernel.CHAIN else "+").join(map(str, self.outs))
        stride = f"/{self.stride}" if self.stride > 1 else ""
        size = "x".join(map(str, self.sizes[1:]))
        flags = (("bn, relu before", self.before), ("bn", self.norm), ("residual", self.residual), ("relu", self.relu))
        more = "".join(f", {name}" for name, there in flags if there)
        return f"{self.sizes[0]} to {wide}, {self.window}x{self.window}{stride} at {size}{more}"


RUNNERS: dict[Kernel, str] = {
    Kernel.CONV1X1: "conv1x1",
    Kernel.MANY: "conv1x1_many",
    Kernel.CHAIN: "conv1x1_chain",
    Kernel.BLOCK_END: "bn_add_relu",
    Kernel.CONV: "conv_relu",
}
"""The functions of `archlang.kernels` that are measured, by kernel."""


def piece(network: Network, group: Fusion) -> Piece | None:
    """What a fusion is measured as; None for one that this cannot run by itself."""
    convs = [network.graph[part.node] for part in group.parts if part.role is Role.CONV]
    x = network.shapes[group.inputs[0]]
    if group.kernel not in RUNNERS or len(x) != 3 or (not convs and group.kernel is not Kernel.BLOCK_END):
        return None
    sizes = (int(str(x[0])), int(str(x[1])), int(str(x[2])))
    rest = {
        "before": group.find(Role.BEFORE_BN) is not None,
        "residual": group.residual is not None,
        "relu": group.find(Role.RELU) is not None,
        "norm": group.find(Role.BN) is not None,
    }
    if not convs:
        return Piece(group.kernel, sizes, (sizes[0],), **rest)
    first = convs[0].op
    if not isinstance(first, Conv) or len({*first.k, *first.padding}) > 2 or first.dilation != (1, 1):
        return None
    outs = tuple(node.op.out for node in convs if isinstance(node.op, Conv))
    return Piece(group.kernel, sizes, outs, first.k[0], first.stride[0], first.padding[0], first.bias, **rest)


class Plain(nn.Module):
    """The layers of a piece, one after the other, as PyTorch has them."""

    def __init__(self, made: Piece) -> None:
        super().__init__()
        channels, self.piece = made.sizes[0], made
        follows = made.kernel is Kernel.CHAIN
        entering = [channels, *made.outs[:-1]] if follows else [channels] * len(made.outs)
        self.before = nn.BatchNorm2d(channels) if made.before else None
        self.convs = nn.ModuleList(
            nn.Conv2d(wide, out, made.window, made.stride, made.pad, bias=made.bias)
            for wide, out in (() if made.kernel is Kernel.BLOCK_END else zip(entering, made.outs, strict=True))
        )
        self.bns = nn.ModuleList(nn.BatchNorm2d(out) for out in (made.outs if made.norm else ()))
        for norm in self.modules():
            if isinstance(norm, nn.BatchNorm2d):
                nn.init.uniform_(norm.weight, 0.5, 1.5)
                nn.init.normal_(norm.bias)

    def forward(self, x: Tensor, residual: Tensor | None = None) -> list[Tensor]:
        """x [N, C, H, W] -> one map for each convolution; of a chain that of the last."""
        if self.piece.kernel is Kernel.CHAIN:
            for at, conv in enumerate(self.convs):
                x = (self.bns[at](conv(x)) if len(self.bns) else conv(x)).relu()
            return [x]
        if self.before is not None:
            x = self.before(x).relu()
        found = [conv(x) for conv in self.convs] or [x]
        if len(self.bns):
            found = [bn(y) for bn, y in zip(self.bns, found, strict=True)]
        if residual is not None:
            found = [y + residual for y in found]
        return [y.relu() for y in found] if self.piece.relu else found


def by_kernel(plain: Plain) -> Callable[..., list[Tensor]]:
    """The same by archlang's kernel. Raises `AttributeError` or `TypeError` where there is no such kernel yet."""
    made, convs, bns = plain.piece, list(plain.convs), list(plain.bns)
    function: Any = getattr(K, RUNNERS[made.kernel])
    more: dict[str, Any] = {"before": plain.before} if made.before else {}
    if made.kernel is Kernel.BLOCK_END:
        return lambda x, residual=None: [function(x, bns[0], residual, relu=made.relu)]
    if made.kernel is Kernel.CHAIN:
        return lambda x: [function(x, convs, bns or None)]
    if made.kernel is Kernel.MANY:
        return lambda x: function(x, convs, bns or None, relu=made.relu)
    bn = bns[0] if bns else None
    return lambda x, residual=None: [function(x, convs[0], bn, residual=residual, relu=made.relu, **more)]


def inputs(made: Piece, images: int, dtype: torch.dtype, device: torch.device) -> list[Tensor]:
    """x, and the residual if it has one, channels_last, of random numbers."""
    channels, height, width = made.sizes
    shapes: list[tuple[int, ...]] = [(images, channels, height, width)]
    if made.residual:
        reach = [(size + 2 * made.pad - made.window) // made.stride + 1 for size in (height, width)]
        shapes.append((images, made.outs[0], *reach))
    found = [torch.randn(shape, device=device).to(dtype) for shape in shapes]
    return [tensor.to(memory_format=torch.channels_last) for tensor in found]
