"""What a generated `forward` calls: modules in, a tensor out, and exactly what the modules would have done.

The parameters stay in plain `nn.Conv2d` and `nn.BatchNorm2d`. Where a kernel does
not apply (`dispatch.takes`; other kinds of module, hooks, kernels that are no 1x1)
the modules themselves run, so a call is right everywhere.
"""

# pyright: basic
from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from archlang.kernels import dispatch
from archlang.kernels.block_end import bn_apply
from archlang.kernels.conv1x1_op import conv1x1 as conv1x1_op
from archlang.kernels.conv1x1_op import conv1x1_into
from archlang.kernels.epilogue import Vectors, scale_and_shift
from archlang.kernels.many import MOST, conv1x1_many_into
from archlang.kernels.many import conv1x1_many as conv1x1_many_op
from archlang.kernels.statistics import batch_statistics
from archlang.kernels.training import conv1x1_statistics


def conv1x1(
    x: Tensor,
    conv: nn.Conv2d,
    bn: nn.BatchNorm2d | None = None,
    *,
    residual: Tensor | None = None,
    relu: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """`relu(bn(conv(x)) + residual)`: x [N, Cin, H, W] -> [N, Cout, ⌈H/stride⌉, ⌈W/stride⌉], channels_last.

    `out` is written where it is given, such as a slice of a concatenation, and is
    what is returned; it is for inference. Raises `ValueError` for `out` where a
    gradient is wanted.
    """
    if out is not None and _wants_gradient(x, residual, *_parameters(conv, bn)):
        raise ValueError("`out` has no gradient: call conv1x1 without it, or under torch.no_grad()")
    a, r = _cast(x), residual
    if not _fits(a, conv, bn, residual):
        z = _finished(conv(x) if bn is None else bn(conv(x)), residual, relu)
        return z if out is None else out.copy_(z)
    w = conv.weight.to(a.dtype)
    if bn is not None and _uses_batch(bn):
        y, *found = conv1x1_statistics(a, w, conv.bias, conv.stride[0])
        z = _normalised(y, bn, r, relu, found)
        return z if out is None else out.copy_(z)
    arguments = (a, w, *_vectors(conv, bn), r, conv.stride[0], 0.0 if bn is None else bn.eps, relu)
    if out is None:
        return conv1x1_op(*arguments)
    conv1x1_into(out, *arguments)
    return out


def conv1x1_many(
    x: Tensor,
    convs: Sequence[nn.Conv2d],
    bns: Sequence[nn.BatchNorm2d] | None = None,
    *,
    relu: bool = False,
    outs: Sequence[Tensor] | None = None,
) -> list[Tensor]:
    """`[relu(bn(conv(x))) ...]` of parallel 1x1 convolutions of stride 1, in one product with several results.

    `outs` are written where they are given, such as slices of a concatenation, and
    are what is returned; they are for inference. Raises `ValueError` for `outs`
    where a gradient is wanted.
    """
    norms = [None] * len(convs) if bns is None else list(bns)
    pairs = list(zip(convs, norms, strict=True))
    if outs is not None and _wants_gradient(x, *(p for pair in pairs for p in _parameters(*pair))):
        raise ValueError("`outs` have no gradient: call conv1x1_many without them, or under torch.no_grad()")
    a = _cast(x)
    if not 0 < len(convs) <= MOST or not all(c.stride == (1, 1) and _fits(a, c, bn, None) for c, bn in pairs):
        found = [conv1x1(x, conv, bn, relu=relu) for conv, bn in pairs]
        return found if outs is None else [out.copy_(z) for out, z in zip(outs, found, strict=True)]
    weights = [conv.weight.to(a.dtype) for conv in convs]
    batch = [bn is not None and _uses_batch(bn) for bn in norms]
    if any(batch):
        scale, shift = _folded([(conv, None) for conv in convs])
        ys = conv1x1_many_op(a, weights, scale, shift, False)
        found = [
            _normalised(y, bn, None, relu) if bn is not None else _finished(y, None, relu)
            for y, bn in zip(ys, norms, strict=True)
        ]
        return found if outs is None else [out.copy_(z) for out, z in zip(outs, found, strict=True)]
    scale, shift = _folded(pairs)
    if outs is None:
        return conv1x1_many_op(a, weights, scale, shift, relu)
    conv1x1_many_into(outs, a, weights, scale, shift, relu)
    return list(outs)


def _folded(pairs: Sequence[tuple[nn.Conv2d, nn.BatchNorm2d | None]]) -> tuple[Tensor | None, Tensor | None]:
    """What biases and batch norms with given statistics come to, one after the other."""
    found = []
    for conv, bn in pairs:
        found.append(scale_and_shift(conv.out_channels, *_vectors(conv, bn), 0.0 if bn is None else bn.eps))
    whole = []
    for column, fill in ((0, 1.0), (1, 0.0)):
        if all(one[column] is None for one in found):
            whole.append(None)
            continue
        like = next(one[column] for one in found if one[column] is not None)
        whole.append(torch.cat([like.new_full((conv.out_channels,), fill) if one[column] is None else one[column]
                                for one, (conv, _) in zip(found, pairs, strict=True)]))  # fmt: skip
    return whole[0], whole[1]


def bn_add_relu(y: Tensor, bn: nn.BatchNorm2d, residual: Tensor | None = None, *, relu: bool = True) -> Tensor:
    """`relu(bn(y) + residual)` in one pass: y and residual [N, C, H, W] -> [N, C, H, W], channels_last."""
    if not (_plain_norm(bn) and y.dim() == 4 and dispatch.takes(y, y.shape[1]) and _adds(y, residual, y.shape)):
        return _finished(bn(y), residual, relu)
    if y.shape[1] != bn.num_features or (_uses_batch(bn) and y.numel() <= y.shape[1]):
        return _finished(bn(y), residual, relu)  # which says what is wrong
    return _normalised(y, bn, residual, relu)


def _vectors(conv: nn.Conv2d, bn: nn.BatchNorm2d | None) -> Vectors:
    if bn is None:
        return conv.bias, None, None, None, None
    return conv.bias, bn.weight, bn.bias, bn.running_mean, bn.running_var


# ---- batch norm --------------------------------------------------------------


def _normalised(
    y: Tensor, bn: nn.BatchNorm2d, residual: Tensor | None, relu: bool, found: Sequence[Tensor] | None = None
) -> Tensor:
    """`relu(bn(y) + residual)`; `found` are the mean and variance of y where they are known already."""
    batch = _uses_batch(bn)
    if batch:
        mean, var = batch_statistics(y.detach()) if found is None else found
        _track(bn, mean, var, y.numel() // y.shape[1])
    else:
        mean, var = bn.running_mean, bn.running_var
    keep = _wants_gradient(y, residual, bn.weight, bn.bias)
    return bn_apply(y, mean, var, bn.weight, bn.bias, residual, bn.eps, relu, batch, keep)[0]


def _uses_batch(bn: nn.BatchNorm2d) -> bool:
    return bn.training or (bn.running_mean is None and bn.running_var is None)


@torch.no_grad()
def _track(bn: nn.BatchNorm2d, mean: Tensor, var: Tensor, count: int) -> None:
    """Move the running statistics as `nn.BatchNorm2d` does: towards the mean and the unbiased variance."""
    if not bn.training or not bn.track_running_stats or bn.running_mean is None or bn.running_var is None:
        return
    weight: Tensor | float = 0.0 if bn.momentum is None else bn.momentum
    if bn.num_batches_tracked is not None:
        bn.num_batches_tracked.add_(1)
        if bn.momentum is None:
            weight = (1.0 / bn.num_batches_tracked).to(bn.running_mean.dtype)
    bn.running_mean.lerp_(mean.to(bn.running_mean.dtype), weight)
    bn.running_var.lerp_((var * (count / (count - 1))).to(bn.running_var.dtype), weight)


# ---- what applies ------------------------------------------------------------


def _fits(x: Tensor, conv: nn.Conv2d, bn: nn.BatchNorm2d | None, residual: Tensor | None) -> bool:
    """Whether the kernel is these modules, and takes this tensor."""
    if x.dim() != 4 or not is_pointwise(conv) or not (bn is None or _plain_norm(bn)):
        return False
    if x.shape[1] != conv.in_channels or not dispatch.takes(x, conv.in_channels, conv.out_channels):
        return False
    if torch.is_autocast_enabled(x.device.type) is False and conv.weight.dtype != x.dtype:
        return False
    step = conv.stride[0]
    shape = (x.shape[0], conv.out_channels, (x.shape[2] - 1) // step + 1, (x.shape[3] - 1) // step + 1)
    if bn is not None and (bn.num_features != shape[1] or (_uses_batch(bn) and shape[0] * shape[2] * shape[3] <= 1)):
        return False
    return _adds(x, residual, shape)


def is_pointwise(conv: nn.Module) -> bool:
    """Whether it is a 1x1 convolution of stride 1 or 2 and nothing more, without hooks that want to be called."""
    return (
        type(conv) is nn.Conv2d
        and not _hooked(conv)
        and conv.kernel_size == (1, 1)
        and conv.stride in ((1, 1), (2, 2))
        and conv.padding in ((0, 0), "valid", "same")
        and conv.groups == 1
    )


def _plain_norm(bn: nn.Module) -> bool:
    """Whether it is `nn.BatchNorm2d` itself: one that synchronises does its own."""
    return type(bn) is nn.BatchNorm2d and not _hooked(bn) and (bn.running_mean is None) == (bn.running_var is None)


def _hooked(module: nn.Module) -> bool:
    hooks = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
    return any(getattr(module, name) for name in hooks)


def _adds(x: Tensor, residual: Tensor | None, shape: tuple[int, ...]) -> bool:
    """Whether the residual is added without broadcasting or a change of type."""
    return residual is None or (tuple(residual.shape) == tuple(shape) and residual.dtype == x.dtype)


def _cast(x: Tensor) -> Tensor:
    """x as autocast would have a convolution read it. The batch norm's vectors stay as they are."""
    kind = x.device.type
    if kind not in ("cpu", "cuda") or not torch.is_autocast_enabled(kind) or not x.is_floating_point():
        return x
    return x if x.dtype == torch.float64 else x.to(torch.get_autocast_dtype(kind))


def _finished(y: Tensor, residual: Tensor | None, relu: bool) -> Tensor:
    if residual is not None:
        y = y + residual
    return y.relu() if relu else y


def _parameters(conv: nn.Conv2d, bn: nn.Module | None) -> list[Tensor]:
    return [*conv.parameters(), *(bn.parameters() if bn is not None else ())]


def _wants_gradient(*tensors: Tensor | None) -> bool:
    return torch.is_grad_enabled() and any(t is not None and t.requires_grad for t in tensors)
