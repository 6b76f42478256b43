"""What a generated `forward` calls for larger convolutions, and for two 1x1 convolutions at once.

As in `layers.py` modules come in, and exactly what they would have done comes out.
"""

# pyright: basic
from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from archlang.kernels import dispatch
from archlang.kernels.convolution import conv_relu as conv_relu_op
from archlang.kernels.convolution import conv_relu_into
from archlang.kernels.layers import bn_add_relu, conv1x1
from archlang.kernels.modules import (
    adds,
    cast,
    finished,
    padding_of,
    parameters,
    plain_norm,
    uses_batch,
    vectors,
    wants_gradient,
)


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
    a = cast(x)
    padding = _padding(a, conv, bn, residual)
    if padding is None or wants_gradient(x, residual, *parameters(conv, bn)):
        y = conv(x)
        z = finished(y, residual, relu) if bn is None else bn_add_relu(y, bn, residual, relu=relu)
        return z if out is None else out.copy_(z)
    arguments = (a, conv.weight, *vectors(conv, bn), residual, conv.stride, padding, conv.dilation, conv.groups,
                 0.0 if bn is None else bn.eps, relu)  # fmt: skip
    if out is None:
        return conv_relu_op(*arguments)
    conv_relu_into(out, *arguments)
    return out


def _padding(x: Tensor, conv: nn.Conv2d, bn: nn.BatchNorm2d | None, residual: Tensor | None) -> tuple[int, ...] | None:
    """The convolution's padding where the operator is these modules and takes x, else None."""
    padding = padding_of(conv)
    if padding is None or x.dim() != 4 or not (bn is None or (plain_norm(bn) and not uses_batch(bn))):
        return None
    if x.shape[1] != conv.in_channels or not dispatch.takes(x, conv.out_channels):
        return None
    if torch.is_autocast_enabled(x.device.type) is False and conv.weight.dtype != x.dtype:
        return None
    if bn is not None and bn.num_features != conv.out_channels:
        return None
    seen = [d * (k - 1) + 1 for d, k in zip(conv.dilation, conv.kernel_size, strict=True)]
    size = [(n + 2 * p - s) // step + 1 for n, p, s, step in zip(x.shape[2:], padding, seen, conv.stride, strict=True)]
    return padding if min(size) > 0 and adds(x, residual, (x.shape[0], conv.out_channels, *size)) else None


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
