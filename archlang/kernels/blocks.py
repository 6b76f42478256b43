"""What a generated `forward` calls for larger convolutions, and for two 1x1 convolutions at once.

As in `layers.py` modules come in, and exactly what they would have done comes out.
"""

# pyright: basic
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from archlang.kernels import dispatch
from archlang.kernels.activation import Activation
from archlang.kernels.back_to_back import conv1x1_pair as conv1x1_pair_op
from archlang.kernels.convolution import conv_relu as conv_relu_op
from archlang.kernels.convolution import conv_relu_into
from archlang.kernels.layers import bn_add_relu, conv1x1, conv1x1_skip
from archlang.kernels.modules import (
    Conv,
    Norm,
    adds,
    behind,
    cast,
    ending,
    finished,
    fits,
    is_pointwise,
    padding_of,
    parameters,
    plain_norm,
    prepares,
    uses_batch,
    vectors,
    wants_gradient,
)
from archlang.kernels.prologue import NOTHING, running
from archlang.kernels.two_products import conv1x1_two as conv1x1_two_op


def conv_relu(
    x: Tensor,
    conv: Conv,
    bn: Norm | None = None,
    *,
    residual: Tensor | None = None,
    relu: bool = True,
    activation: Activation | Any = None,
    out: Tensor | None = None,
) -> Tensor:
    """`activation(bn(conv(x)) + residual)` for a convolution of any size: x [N, Cin, H, W] -> [N, Cout, H', W'].

    The activation is ReLU where none is given, and nothing with `relu=False`. A 1x1 is `conv1x1`.
    `out` is written where it is given, such as a slice of a concatenation, and is
    what is returned; it is for inference. Raises `ValueError` for `out` where a
    gradient is wanted.
    """
    if out is not None and wants_gradient(x, residual, *parameters(conv, bn)):
        raise ValueError("`out` has no gradient: call conv_relu without it, or under torch.no_grad()")
    if is_pointwise(conv):
        return conv1x1(x, conv, bn, residual=residual, relu=relu, activation=activation, out=out)
    act = ending(relu, activation)
    if act is None:
        return behind(conv_relu(x, conv, bn, residual=residual, relu=False), activation, out)
    a = cast(x)
    padding = _padding(a, conv, bn, residual)
    if padding is None or wants_gradient(x, residual, *parameters(conv, bn)):
        y = conv(x)
        z = finished(y, residual, act) if bn is None else bn_add_relu(y, bn, residual, relu=relu, activation=activation)
        return z if out is None else out.copy_(z)
    arguments = (a, conv.weight, *vectors(conv, bn), residual, conv.stride, padding, conv.dilation, conv.groups,
                 0.0 if bn is None else bn.eps, act)  # fmt: skip
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
    conv: Conv,
    bn: Norm | None,
    x: Tensor,
    conv_down: Conv,
    bn_down: Norm | None,
    *,
    before: Norm | None = None,
    relu: bool = True,
) -> Tensor:
    """`relu(bn(conv(h)) + bn_down(conv_down(x)))`, the end of a block whose shortcut is projected.

    With `before` it is the same of `relu(before(h))` in the place of h, normalised as it is read.
    h [N, C, H, W] and x [N, Cin, s·H, s·W], where s is the stride of `conv_down`, 1 or 2 -> [N, Cout, H, W].
    """
    if before is not None and not prepares(h, before):
        h, before = bn_add_relu(h, before), None
    a, b = cast(h), cast(x)
    fit = fits(a, conv, bn, None) and fits(b, conv_down, bn_down, None) and conv.stride == (1, 1) and a.dtype == b.dtype
    step = conv_down.stride[0] if fit else 1
    meets = fit and conv.out_channels == conv_down.out_channels and _size(a, 1) == _size(b, step)
    if not meets or _learns((h, x), (conv, bn), (conv_down, bn_down), (conv, before)):
        return conv1x1(h, conv, bn, before=before, residual=conv1x1(x, conv_down, bn_down), relu=relu)
    v, w = (one.weight.to(a.dtype) for one in (conv_down, conv))
    eps, eps_v = (0.0 if norm is None else norm.eps for norm in (bn, bn_down))
    given = (a, w, *vectors(conv, bn), b, v, *vectors(conv_down, bn_down), step, eps, eps_v, relu)
    return conv1x1_two_op(*given, *(NOTHING if before is None else running(before)))


def _size(x: Tensor, step: int) -> tuple[int, ...]:
    """What a 1x1 convolution of this stride makes of x: images, rows and columns."""
    return x.shape[0], (x.shape[2] - 1) // step + 1, (x.shape[3] - 1) // step + 1


def _learns(given: Sequence[Tensor | None], *pairs: tuple[nn.Conv2d, nn.BatchNorm2d | None]) -> bool:
    """Whether this is training: a gradient is wanted, or statistics of a batch are."""
    if any(bn is not None and uses_batch(bn) for _, bn in pairs):
        return True
    return wants_gradient(*given, *(p for pair in pairs for p in parameters(*pair)))


def conv1x1_pair(
    h: Tensor,
    conv: Conv,
    bn: Norm | None,
    residual: Tensor | None,
    conv_next: Conv,
    bn_next: Norm | None,
    *,
    before: Norm | None = None,
) -> tuple[Tensor, Tensor]:
    """The end of a block and the next's first: `z = relu(bn(conv(h)) + residual)`, `r = relu(bn_next(conv_next(z)))`.

    With `before` it is the same of `relu(before(h))` in the place of h, normalised as it is read.
    h [N, C, H, W] and the residual [N, Cout, H, W] -> z [N, Cout, H, W] and r [N, Cnext, H, W].
    """
    reads_in = before is not None and prepares(h, before)
    a = bn_add_relu(h, before) if before is not None and not reads_in else h
    arguments = _two_in_a_row(a, conv, bn, residual, conv_next, bn_next)
    if arguments is None or (reads_in and _learns((h,), (conv, before))):
        z = conv1x1(a, conv, bn, before=before if reads_in else None, residual=residual, relu=True)
        r, z = conv1x1_skip(z, conv_next, bn_next, relu=True)
        return z, r
    return conv1x1_pair_op(*arguments, True, *(running(before) if before is not None and reads_in else NOTHING))


def conv1x1_chain(x: Tensor, convs: Sequence[Conv], bns: Sequence[Norm] | None = None) -> Tensor:
    """`relu(bn(conv(x)))` of one 1x1 convolution after the other, where nobody else reads what is between them."""
    pairs = list(zip(convs, [None] * len(convs) if bns is None else bns, strict=True))
    while pairs:
        arguments = _two_in_a_row(x, *pairs[0], None, *pairs[1]) if len(pairs) > 1 else None
        if arguments is None:
            x, pairs = conv1x1(x, *pairs[0], relu=True), pairs[1:]
        else:
            x, pairs = conv1x1_pair_op(*arguments, False, *NOTHING)[1], pairs[2:]
    return x


def _two_in_a_row(
    h: Tensor, conv: nn.Conv2d, bn: nn.BatchNorm2d | None, residual: Tensor | None, conv_next: nn.Conv2d,
    bn_next: nn.BatchNorm2d | None,
) -> tuple[Any, ...] | None:  # fmt: skip
    """What the operator takes, all but its last; None where the two are not for it."""
    a = cast(h)
    if not fits(a, conv, bn, residual) or _learns((h, residual), (conv, bn), (conv_next, bn_next)):
        return None
    if conv.stride != (1, 1) or not _follows(a, conv, conv_next, bn_next):
        return None
    w, v = (one.weight.to(a.dtype) for one in (conv, conv_next))
    eps, eps_v = (0.0 if norm is None else norm.eps for norm in (bn, bn_next))
    return a, w, *vectors(conv, bn), residual, v, *vectors(conv_next, bn_next), eps, eps_v


def _follows(h: Tensor, conv: nn.Conv2d, conv_next: nn.Conv2d, bn_next: nn.BatchNorm2d | None) -> bool:
    """Whether what comes after `conv`, which h goes into, is for the kernel too."""
    if not is_pointwise(conv_next) or not (bn_next is None or plain_norm(bn_next)):
        return False
    if conv_next.weight.dtype != conv.weight.dtype or not dispatch.takes(h, conv_next.out_channels):
        return False
    widths = (conv.out_channels, conv_next.out_channels if bn_next is None else bn_next.num_features)
    return conv_next.stride == (1, 1) and widths == (conv_next.in_channels, conv_next.out_channels)
