"""One fusion of a network by itself: its layers as modules, what a kernel makes of them, and what PyTorch does."""

# pyright: basic
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from archlang import kernels as K
from archlang.ir.graph import Node
from archlang.ir.network import Network
from archlang.ops.conv import Conv
from archlang.ops.dwconv import DepthwiseConv
from archlang.passes.fusion import Fusion, Kernel, Role
from archlang.record import record


@record
class Piece:
    """What two fusions share that are measured as one: `sizes` are x's, without the batch.

    `outs` are the output channels of each convolution (of the batch norm where
    there is none); `before` says that x is normalised and rectified as it is read,
    `end` is the word of the activation. `projected` are the channels and the stride
    of what is projected beside x; its sizes are x's times the stride.
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
    end: str = ""
    groups: int = 1
    projected: tuple[int, int] = (0, 1)

    def __str__(self) -> str:
        wide = (" to " if self.kernel is Kernel.CHAIN else "+").join(map(str, self.outs))
        channels, step = self.projected
        beside = f" and {channels}{f'/{step}' if step > 1 else ''}" if channels else ""
        stride = f"/{self.stride}" if self.stride > 1 else ""
        size = "x".join(map(str, self.sizes[1:]))
        flags = (
            (f"{self.groups} groups", self.groups > 1), ("bn, relu before", self.before), ("bn", self.norm),
            ("residual", self.residual), (self.end, bool(self.end)),
        )  # fmt: skip
        more = "".join(f", {name}" for name, there in flags if there)
        return f"{self.sizes[0]}{beside} to {wide}, {self.window}x{self.window}{stride} at {size}{more}"


_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": F.relu, "relu6": F.relu6, "silu": F.silu, "hardswish": F.hardswish,
}  # fmt: skip

RUNNERS: dict[Kernel, str] = {
    Kernel.CONV1X1: "conv1x1",
    Kernel.MANY: "conv1x1_many",
    Kernel.CHAIN: "conv1x1_chain",
    Kernel.BLOCK_END: "bn_add_relu",
    Kernel.CONV: "conv_relu",
    Kernel.TWO: "conv1x1_two",
}
"""The functions of `archlang.kernels` that are measured, by kernel."""


def piece(network: Network, group: Fusion) -> Piece | None:
    """What a fusion is measured as; None for one that this cannot run by itself."""
    convs = [network.graph[part.node] for part in group.parts if part.role is Role.CONV]
    if group.kernel is Kernel.TWO:
        down, end = group.pieces
        convs = [network.graph[one.find(Role.CONV) or 0] for one in (end, down)]
    x = network.shapes[group.inputs[0]]
    if group.kernel not in RUNNERS or len(x) != 3 or (not convs and group.kernel is not Kernel.BLOCK_END):
        return None
    sizes = (int(str(x[0])), int(str(x[1])), int(str(x[2])))
    rest: dict[str, Any] = {
        "before": group.find(Role.BEFORE_BN) is not None,
        "residual": group.residual is not None,
        "end": network.graph[end].op.word if (end := group.find(Role.RELU)) is not None else "",
        "norm": group.find(Role.BN) is not None,
    }
    if not convs:
        return Piece(group.kernel, sizes, (sizes[0],), **rest)
    ops = [_convolution(network, node) for node in convs]
    first = ops[0]
    if first is None or len({*first.k, *first.padding}) > 2 or first.dilation != (1, 1):
        return None
    if group.kernel is Kernel.TWO and ops[1] is not None:
        rest["projected"] = (int(str(network.shapes[group.inputs[1]][0])), ops[1].stride[0])
    outs = tuple(op.out for op in ops[: 1 if group.kernel is Kernel.TWO else None] if op is not None)
    rest["groups"] = first.groups
    return Piece(group.kernel, sizes, outs, first.k[0], first.stride[0], first.padding[0], first.bias, **rest)


def _convolution(network: Network, node: Node) -> Conv | None:
    """What a layer is as a convolution, one by channels with as many groups."""
    if isinstance(node.op, DepthwiseConv):
        return node.op.conv(network.entering(node))
    return node.op if isinstance(node.op, Conv) else None


class Plain(nn.Module):
    """The layers of a piece, one after the other, as PyTorch has them."""

    def __init__(self, made: Piece) -> None:
        super().__init__()
        channels, self.piece = made.sizes[0], made
        follows = made.kernel is Kernel.CHAIN
        entering = [channels, *made.outs[:-1]] if follows else [channels] * len(made.outs)
        self.before = nn.BatchNorm2d(channels) if made.before else None
        self.convs = nn.ModuleList(
            nn.Conv2d(wide, out, made.window, made.stride, made.pad, groups=made.groups, bias=made.bias)
            for wide, out in (() if made.kernel is Kernel.BLOCK_END else zip(entering, made.outs, strict=True))
        )
        self.bns = nn.ModuleList(nn.BatchNorm2d(out) for out in (made.outs if made.norm else ()))
        wide, step = made.projected
        self.down = nn.Conv2d(wide, made.outs[0], 1, step, bias=made.bias) if wide else None
        self.bn_down = nn.BatchNorm2d(made.outs[0]) if wide and made.norm else None
        for norm in self.modules():
            if isinstance(norm, nn.BatchNorm2d):
                nn.init.uniform_(norm.weight, 0.5, 1.5)
                nn.init.normal_(norm.bias)

    def forward(self, x: Tensor, residual: Tensor | None = None) -> list[Tensor]:
        """x [N, C, H, W] -> one map for each convolution; of a chain that of the last.

        The residual is added as it is, or projected.
        """
        if self.piece.kernel is Kernel.CHAIN:
            for at, conv in enumerate(self.convs):
                x = (self.bns[at](conv(x)) if len(self.bns) else conv(x)).relu()
            return [x]
        if self.before is not None:
            x = self.before(x).relu()
        found = [conv(x) for conv in self.convs] or [x]
        if len(self.bns):
            found = [bn(y) for bn, y in zip(self.bns, found, strict=True)]
        if residual is not None and self.down is not None:
            residual = self.down(residual) if self.bn_down is None else self.bn_down(self.down(residual))
        if residual is not None:
            found = [y + residual for y in found]
        return [_ACTIVATIONS[self.piece.end](y) for y in found] if self.piece.end else found


def by_kernel(plain: Plain) -> Callable[..., list[Tensor]]:
    """The same by archlang's kernel. Raises `AttributeError` or `TypeError` where there is no such kernel yet."""
    made, convs, bns = plain.piece, list(plain.convs), list(plain.bns)
    function: Any = getattr(K, RUNNERS[made.kernel])
    more: dict[str, Any] = {"before": plain.before} if made.before else {}
    more |= {"relu": False} if not made.end else {"activation": _ACTIVATIONS[made.end]}
    bn = bns[0] if bns else None
    if made.kernel is Kernel.BLOCK_END:
        return lambda x, residual=None: [function(x, bn, residual, **more)]
    if made.kernel is Kernel.TWO:
        more = {"relu": bool(made.end), "before": plain.before}
        return lambda h, x: [function(h, convs[0], bn, x, plain.down, plain.bn_down, **more)]
    if made.kernel is Kernel.CHAIN:
        return lambda x: [function(x, convs, bns or None)]
    if made.kernel is Kernel.MANY:
        return lambda x: function(x, convs, bns or None, relu=bool(made.end))
    return lambda x, residual=None: [function(x, convs[0], bn, residual=residual, **more)]


def inputs(made: Piece, images: int, dtype: torch.dtype, device: torch.device) -> list[Tensor]:
    """x, and the residual or what is projected if it has one, channels_last, of random numbers."""
    channels, height, width = made.sizes
    shapes: list[tuple[int, ...]] = [(images, channels, height, width)]
    if made.residual:
        reach = [(size + 2 * made.pad - made.window) // made.stride + 1 for size in (height, width)]
        shapes.append((images, made.outs[0], *reach))
    if made.projected[0]:
        shapes.append((images, made.projected[0], made.projected[1] * height, made.projected[1] * width))
    found = [torch.randn(shape, device=device).to(dtype) for shape in shapes]
    return [tensor.to(memory_format=torch.channels_last) for tensor in found]
