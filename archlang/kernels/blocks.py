"""What a generated `forward` calls for larger convolutions, and for two 1x1 convolutions at once.

As in `layers.py` modules come in, and exactly what they would have done comes out.
"""

# pyright: basic
from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from archlang.kernels.layers import bn_add_relu, conv1x1
from archlang.kernels.modules import finished, parameters, wants_gradient


def conv_relu(
    x: Tensor,
    conv: nn.Conv2d,
    bn: nn.BatchNorm2d | None = None,
    *,
    residual: Tensor | None = None,
    relu: bool = True,
    out: Tensor | None = None,
) -> Tensor:
    """`relu(bn(conv(x)) + residual)` for a convolution of any size: x [N, Cin, H, W] -> [N, Cout, H', W'].

    `out` is written where it is given, such as a slice of a concatenation, and is
    what is returned; it is for inference. Raises `ValueError` for `out` where a
    gradient is wanted.
    """
    if out is not None and wants_gradient(x, residual, *parameters(conv, bn)):
        raise ValueError("`out` has no gradient: call conv_relu without it, or under torch.no_grad()")
    y = conv(x)
    z = finished(y, residual, relu) if bn is None else bn_add_relu(y, bn, residual, relu=relu)
    return z if out is None else out.copy_(z)


def conv1x1_two(
    h: Tensor,
    conv: nn.Conv2d,
    bn: nn.BatchNorm2d | None,
    x: Tensor,
    conv_down: nn.Conv2d,
    bn_down: nn.BatchNorm2d | None,
    *,
    relu: bool = True,
) -> Tensor:
    """`relu(bn(conv(h)) + bn_down(conv_down(x)))`, the end of a block whose shortcut is projected.

    h [N, C, H, W] and x [N, Cin, s·H, s·W], where s is the stride of `conv_down`, 1 or 2 -> [N, Cout, H, W].
    """
    return conv1x1(h, conv, bn, residual=conv1x1(x, conv_down, bn_down), relu=relu)


def conv1x1_pair(
    h: Tensor,
    conv: nn.Conv2d,
    bn: nn.BatchNorm2d | None,
    residual: Tensor | None,
    conv_next: nn.Conv2d,
    bn_next: nn.BatchNorm2d | None,
) -> tuple[Tensor, Tensor]:
    """The end of a block and the next's first: `z = relu(bn(conv(h)) + residual)`, `r = relu(bn_next(conv_next(z)))`.

    h [N, C, H, W] and the residual [N, Cout, H, W] -> z [N, Cout, H, W] and r [N, Cnext, H, W].
    """
    z = conv1x1(h, conv, bn, residual=residual, relu=True)
    return z, conv1x1(z, conv_next, bn_next, relu=True)


def conv1x1_chain(x: Tensor, convs: Sequence[nn.Conv2d], bns: Sequence[nn.BatchNorm2d] | None = None) -> Tensor:
    """`relu(bn(conv(x)))` of one 1x1 convolution after the other, where nobody else reads what is between them."""
    norms = [None] * len(convs) if bns is None else bns
    for conv, bn in zip(convs, norms, strict=True):
        x = conv1x1(x, conv, bn, relu=True)
    return x
