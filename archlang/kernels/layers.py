"""What a generated `forward` calls: modules in, a tensor out, and exactly what the modules would have done.

The parameters stay in plain `nn.Conv2d` and `nn.BatchNorm2d`. Where a kernel does
not apply (`modules.fits`) the modules themselves run, so a call is right everywhere.
"""

# pyright: basic
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from archlang.kernels import dispatch, synchronised
from archlang.kernels.activation import CLIPS, NONE, Activation
from archlang.kernels.block import Forked, conv1x1_block
from archlang.kernels.block_end import bn_apply
from archlang.kernels.conv1x1_op import conv1x1 as conv1x1_op
from archlang.kernels.conv1x1_op import conv1x1_into
from archlang.kernels.many import MOST, conv1x1_many_into
from archlang.kernels.many import conv1x1_many as conv1x1_many_op
from archlang.kernels.many_measured import conv1x1_many_measured
from archlang.kernels.modules import (
    Conv,
    Norm,
    adds,
    behind,
    cast,
    ending,
    finished,
    fits,
    parameters,
    plain_norm,
    prepares,
    synchronises,
    track,
    uses_batch,
    vectors,
    wants_gradient,
)
from archlang.kernels.prologue import NOTHING, Before
from archlang.kernels.rows import empty
from archlang.kernels.statistics import Statistics, batch_statistics
from archlang.kernels.training import conv1x1_statistics


def conv1x1(
    x: Tensor,
    conv: Conv,
    bn: Norm | None = None,
    *,
    before: Norm | None = None,
    statistics: Statistics | None = None,
    residual: Tensor | None = None,
    relu: bool = False,
    activation: Activation | Any = None,
    out: Tensor | None = None,
) -> Tensor:
    """`activation(bn(conv(x)) + residual)`: x [N, Cin, H, W] -> [N, Cout, ⌈H/stride⌉, ⌈W/stride⌉], channels_last.

    `relu=True` is short for `activation=F.relu`. With `before` it is
    `activation(bn(conv(relu(before(x)))) + residual)`: x is normalised as it is read.
    `statistics` are those of x, where `conv1x1_measured` made it.
    `out` is written where it is given, such as a slice of a concatenation, and is
    what is returned; it is for inference. Raises `ValueError` for `out` where a
    gradient is wanted.
    """
    if out is not None and wants_gradient(x, residual, *parameters(before, conv, bn)):
        raise ValueError("`out` has no gradient: call conv1x1 without it, or under torch.no_grad()")
    act = ending(relu, activation)
    if act is None or not _goes_back(act, (x, residual), conv, bn, before):
        z = conv1x1(x, conv, bn, before=before, statistics=statistics, residual=residual)
        return behind(z, activation, out)
    if before is not None and not (prepares(x, before) and fits(x, conv, bn, residual)):
        x, before = bn_add_relu(x, before, statistics=statistics), None
    a = cast(x)
    if bn is not None and synchronises(bn) and fits(a, conv, None, None):
        y, found = conv1x1_measured(x, conv, bn)
        z = bn_add_relu(y, bn, residual, relu=relu, activation=activation, statistics=found)
        return z if out is None else out.copy_(z)
    if not fits(a, conv, bn, residual):
        z = finished(conv(x) if bn is None else bn(conv(x)), residual, act)
        return z if out is None else out.copy_(z)
    w = conv.weight.to(a.dtype)
    in_front = NOTHING if before is None else _before(a, before, statistics)
    if bn is not None and uses_batch(bn):
        keep = wants_gradient(x, residual, *parameters(before, conv, bn))
        vectors_of = (conv.bias, bn.weight, bn.bias, residual)
        z, y, mean, var, _ = conv1x1_block(a, w, *vectors_of, conv.stride[0], bn.eps, act, keep, *in_front)
        track(bn, mean, var, y.numel() // y.shape[1])
        return z if out is None else out.copy_(z)
    arguments = (a, w, *vectors(conv, bn), residual, conv.stride[0], 0.0 if bn is None else bn.eps, act, *in_front)
    if out is None:
        return conv1x1_op(*arguments)
    conv1x1_into(out, *arguments)
    return out


def _goes_back(
    act: int, given: Sequence[Tensor | None], conv: nn.Conv2d, bn: nn.BatchNorm2d | None, before: nn.Module | None
) -> bool:
    """Whether the kernel has the gradient of this ending, if one is wanted."""
    if act == NONE or act in CLIPS or not wants_gradient(*given, *parameters(before, conv, bn)):
        return True
    return bn is not None and given[1] is None and uses_batch(bn) and not synchronises(bn)


def conv1x1_skip(
    x: Tensor, conv: Conv, bn: Norm | None = None, *, relu: bool = False, activation: Activation | Any = None
) -> tuple[Tensor, Tensor]:
    """`conv1x1(x, conv, bn, ...)`, and x, for the skip connection to read in its place.

    In training the gradient that comes by the skip connection is added while that of the
    convolution is made, and not by a pass of its own; a compiled module adds it as ever.
    """
    apart = bn is None or not uses_batch(bn) or not wants_gradient(x) or torch.compiler.is_compiling()
    act = ending(relu, activation)
    if act is None or bn is None or apart or cast(x) is not x or not fits(x, conv, bn, None):
        return conv1x1(x, conv, bn, relu=relu, activation=activation), x
    z, y, mean, var, _, skip = Forked.apply(
        x, conv.weight.to(x.dtype), conv.bias, bn.weight, bn.bias, None, conv.stride[0], bn.eps, act, True, *NOTHING
    )
    track(bn, mean, var, y.numel() // y.shape[1])
    return z, skip


def conv1x1_measured(
    x: Tensor, conv: Conv, bn: Norm, *, before: Norm | None = None
) -> tuple[Tensor, Statistics | None]:
    """`conv(x)`, or `conv(relu(before(x)))`, and its statistics where `bn`, which comes next, wants them.

    They are for `statistics=` of the call that `bn` is in: it does not read the tensor once more.
    """
    if not uses_batch(bn) or not fits(cast(x), conv, None, None):
        return conv1x1(x, conv, before=before), None
    if before is not None and not prepares(x, before):
        x, before = bn_add_relu(x, before), None
    a = cast(x)
    in_front = NOTHING if before is None else _before(a, before, None)
    y, mean, var = conv1x1_statistics(a, conv.weight.to(a.dtype), conv.bias, conv.stride[0], *in_front)
    return y, Statistics(mean, var)


def conv1x1_many(
    x: Tensor,
    convs: Sequence[Conv],
    bns: Sequence[Norm] | None = None,
    *,
    relu: bool = False,
    outs: Sequence[Tensor | None] | None = None,
) -> list[Tensor]:
    """`[relu(bn(conv(x))) ...]` of parallel 1x1 convolutions of stride 1, in one product with several results.

    `outs` are written where they are given, such as slices of a concatenation, and
    are what is returned, with new tensors for those that are None; they are for
    inference. Raises `ValueError` for `outs` where a gradient is wanted.
    """
    if outs is not None and all(out is None for out in outs):
        outs = None
    norms = [None] * len(convs) if bns is None else list(bns)
    pairs = list(zip(convs, norms, strict=True))
    if outs is not None and wants_gradient(x, *(p for pair in pairs for p in parameters(*pair))):
        raise ValueError("`outs` have no gradient: call conv1x1_many without them, or under torch.no_grad()")
    a = cast(x)
    if not 0 < len(convs) <= MOST or not all(c.stride == (1, 1) and fits(a, c, bn, None) for c, bn in pairs):
        found = [conv1x1(x, conv, bn, relu=relu) for conv, bn in pairs]
        return found if outs is None else _placed(found, outs)
    weights = [conv.weight.to(a.dtype) for conv in convs]
    if any(bn is not None and uses_batch(bn) for bn in norms):
        biases = [conv.bias for conv in convs]
        given = [bias is not None for bias in biases]
        *ys, means, variances = conv1x1_many_measured(a, weights, [b for b in biases if b is not None], given)
        each = zip(*(vector.split([len(w) for w in weights]) for vector in (means, variances)), strict=True)
        found = [
            _normalised(y, bn, None, relu, Statistics(*own)) if bn is not None else finished(y, None, relu)
            for y, bn, own in zip(ys, norms, each, strict=True)
        ]
        return found if outs is None else _placed(found, outs)
    if outs is None:
        return conv1x1_many_op(a, weights, *_given(pairs), relu)
    n, _, h, width = a.shape
    whole = [
        empty(n, conv.out_channels, h, width, like=a) if out is None else out
        for conv, out in zip(convs, outs, strict=True)
    ]
    conv1x1_many_into(whole, a, weights, *_given(pairs), relu)
    return whole


def _placed(found: Sequence[Tensor], outs: Sequence[Tensor | None]) -> list[Tensor]:
    return [z if out is None else out.copy_(z) for out, z in zip(outs, found, strict=True)]


def _given(pairs: Sequence[tuple[nn.Conv2d, nn.BatchNorm2d | None]]) -> tuple[list[Tensor], list[bool], list[float]]:
    """Of all: the vectors that are there, which of the five they are, and eps."""
    all_of_them = [t for conv, bn in pairs for t in vectors(conv, bn)]
    eps = [0.0 if bn is None else bn.eps for _, bn in pairs]
    return [t for t in all_of_them if t is not None], [t is not None for t in all_of_them], eps


def bn_add_relu(
    y: Tensor,
    bn: Norm,
    residual: Tensor | None = None,
    *,
    relu: bool = True,
    activation: Activation | Any = None,
    statistics: Statistics | None = None,
) -> Tensor:
    """`activation(bn(y) + residual)` in one pass: y and residual [N, C, H, W] -> [N, C, H, W], channels_last.

    The activation is ReLU where none is given, and nothing with `relu=False`.
    `statistics` are those of y, where `conv1x1_measured` made it.
    """
    act = ending(relu, activation)
    if act is None or (act not in (NONE, *CLIPS) and wants_gradient(y, residual, *parameters(bn))):
        return behind(bn_add_relu(y, bn, residual, relu=False, statistics=statistics), activation)
    together = synchronises(bn)
    kind = plain_norm(bn) or together
    if not (kind and y.dim() == 4 and dispatch.takes(y, y.shape[1]) and adds(y, residual, y.shape)):
        return finished(bn(y), residual, act)
    if together and y.shape[1] == bn.num_features:
        return synchronised.normalised(y, bn, residual, act, statistics)
    if y.shape[1] != bn.num_features or (uses_batch(bn) and y.numel() <= y.shape[1]):
        return finished(bn(y), residual, act)  # which says what is wrong
    return _normalised(y, bn, residual, act, statistics)


# ---- batch norm --------------------------------------------------------------


def _normalised(
    y: Tensor, bn: nn.BatchNorm2d, residual: Tensor | None, act: int, found: Statistics | None = None
) -> Tensor:
    mean, var = _statistics(y, bn, found)
    keep = wants_gradient(y, residual, bn.weight, bn.bias)
    return bn_apply(y, mean, var, bn.weight, bn.bias, residual, bn.eps, act, uses_batch(bn), keep)[0]


def _before(x: Tensor, bn: nn.BatchNorm2d, found: Statistics | None) -> Before:
    return Before(*_statistics(x, bn, found), bn.weight, bn.bias, bn.eps, uses_batch(bn))


def _statistics(y: Tensor, bn: nn.BatchNorm2d, found: Statistics | None) -> Statistics:
    """Those that bn normalises y by: its running ones, or y's own, which it then tracks."""
    mean, var = bn.running_mean, bn.running_var
    if mean is not None and var is not None and not bn.training:
        return Statistics(mean, var)
    own = Statistics(*batch_statistics(y.detach())) if found is None else found
    track(bn, own.mean, own.var, y.numel() // y.shape[1])
    return own
