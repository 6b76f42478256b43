"""Which convolutions are products of matrices: 1x1, and nothing more."""

from __future__ import annotations

from archlang.ir.graph import Node

STRIDES = ((1, 1), (2, 2))
"""Strides of a 1x1 convolution that a kernel takes."""


def is_plain(node: Node) -> bool:
    """Whether it is a convolution without groups, of any size."""
    return node.op.word == "conv" and getattr(node.op, "groups", 1) == 1


def is_convolution(node: Node) -> bool:
    """Whether it is a convolution of any size, with groups or without."""
    return node.op.word in ("conv", "dwconv")


def is_pointwise(node: Node) -> bool:
    """Whether it is a 1x1 convolution of stride 1 or 2, without padding or groups."""
    window = node.op.window
    if not is_plain(node) or window is None:
        return False
    return window.kernel == (1, 1) and window.stride in STRIDES and window.padding == ((0, 0), (0, 0))


def stride(conv: Node) -> tuple[int, int]:
    """A convolution's stride: height, width."""
    window = conv.op.window
    return (1, 1) if window is None else window.stride
